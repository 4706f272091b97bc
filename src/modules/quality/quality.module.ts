import type { RoomParts } from '../../graphql/room';
import { QualityRepository } from './quality.repository';
import { QualityResolver } from './quality.resolver';
import { QualityService } from './quality.service';
import type { QualityServiceDeps } from './quality.service';

export const qualityResolvers = [QualityResolver] as const;

export type QualityDeps = Omit<QualityServiceDeps, 'qualities'>;

export interface QualityRoom extends RoomParts {
  readonly quality: QualityService;
}

export function createQualityRoom(deps: QualityDeps): QualityRoom {
  const quality = new QualityService({ ...deps, qualities: new QualityRepository() });
  return { quality, resolvers: [new QualityResolver(quality)] };
}
