import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Locked {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

type Manifest = Readonly<Record<string, unknown>>;

const ROOT = resolve(__dirname, '../..');
const read = (file: string): unknown => JSON.parse(readFileSync(resolve(ROOT, file), 'utf8'));

const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> };
/** What is installed from elsewhere: neither this project, nor a workspace of it, nor the link to one. */
const foreign = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true);

describe('package-lock.json', () => {
  it('says of every package what its bytes are', () => {
    expect(foreign.length).toBeGreaterThan(500);
    expect(foreign.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity)).map(([path]) => path)).toEqual([]);
  });

  it('names no address: what is installed comes from the registry that is set, by its hash', () => {
    expect(foreign.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(readFileSync(resolve(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "[a-z+]+:|git\+|file:/);
  });

  it('has no package that runs a script when it is installed but those that are known', () => {
    const names = foreign.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path.split('node_modules/').at(-1));
    expect(names.sort()).toEqual(['@apollo/protobufjs', '@parcel/watcher', '@prisma/engines', '@swc/core', 'prisma', 'unrs-resolver']);
  });
});

describe.each(['package.json', 'examples/web-client/package.json'])('%s', (file) => {
  it('asks for exact versions', () => {
    const { dependencies = {}, devDependencies = {} } = read(file) as { dependencies?: Manifest; devDependencies?: Manifest };
    const asked = Object.entries({ ...dependencies, ...devDependencies });
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
  });
});
