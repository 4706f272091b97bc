import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildParleySchema } from '../src/app/schema';

/** `schema.graphql`, from the code: sorted, so that the order of files never shows. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(buildParleySchema().schema))}\n`;
}

if (require.main === module) process.stdout.write(printedSchema());
