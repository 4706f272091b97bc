import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: 'src/**/*.graphql',
  generates: {
    'src/generated/': {
      preset: 'client',
      // Fragments are for sharing selections here: a component sees all that its query selected.
      // Also prints persisted-documents.json: what a server needs that executes our own operations only (PARLEY_TRUSTED_DOCUMENTS).
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: {
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: 'string', JSON: 'unknown', StreamCursor: 'string' },
      },
    },
  },
};

export default config;
