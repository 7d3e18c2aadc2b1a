import { MemoryAudit } from '../../src/audit/memory.ts'
import { auditContract } from '../contract/audit.ts'

auditContract('memory', { open: async () => new MemoryAudit(), clean: () => undefined })
