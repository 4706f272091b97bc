/** What `expect(…).rejects.toMatchObject` wants to see of a DomainError. */
export function refused(code: string, reason: string): { code: string; reason: string } {
  return { code, reason };
}
