import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const FOCUSED_TESTS = [
  { selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="only"]', message: 'A focused test hides all others.' },
  { selector: 'CallExpression[callee.name=/^(fit|fdescribe)$/]', message: 'A focused test hides all others.' },
];

const ENVIRONMENT = {
  selector: 'MemberExpression[object.name="process"][property.name="env"]',
  message: 'Only config/load.ts reads the environment, so that every variable is declared, validated and documented. Take it from Config.',
};

const DEEP_GRAPHQL = {
  group: ['graphql/*', 'graphql-scalars/*', 'type-graphql/*'],
  message: 'Deep paths of graphql packages change between versions and can load a second copy of graphql. Import from the package itself.',
};

const GRAPHQL = ['graphql', 'graphql-scalars', 'type-graphql'].map((name) => ({
  name,
  message:
    'GraphQL stays at the edge (graphql/, transport/, app/, *.type.ts, *.input.ts, *.resolver.ts), so that rules can be called without it.',
}));

const restrictedImports = (paths) => ['error', { paths, patterns: [DEEP_GRAPHQL] }];

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '**/generated/', 'coverage/', '.parley/', 'examples/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.check.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-imports': restrictedImports([]),
      'no-restricted-syntax': ['error', ...FOCUSED_TESTS],
      // Leaves files with decorators alone where the emitted metadata needs the class at run time.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // The compiler already refuses a comparison that cannot hold; `operation === 'subscription'` can, and reads well.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // A port's method is async also where a backend has nothing to wait for: a throw must be a rejection everywhere.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'client/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...FOCUSED_TESTS, ENVIRONMENT] },
  },
  { files: ['src/config/load.ts'], rules: { 'no-restricted-syntax': ['error', ...FOCUSED_TESTS] } },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/{graphql,transport,app}/**', 'src/modules/**/*.{type,input,resolver}.ts'],
    rules: { 'no-restricted-imports': restrictedImports(GRAPHQL) },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      // `expect(object.method)`, and matchers such as `expect.any(String)` that are typed `any`, are what these complain about.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['scripts/**', 'bench/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', performance: 'readonly', URL: 'readonly', setTimeout: 'readonly' },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { require: 'readonly', module: 'writable', __dirname: 'readonly' } },
  },
);
