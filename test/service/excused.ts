/** Where AWS does not keep to its own model. Everything else must. */
export const excused: {
  /** Members that the model requires and AWS leaves out, by operation. */
  readonly absent: Readonly<Record<string, readonly string[]>>
  /** What values of a shape are like, in place of what the model says of them. */
  readonly values: Readonly<Record<string, RegExp>>
  /** Faults that the model does not list for the operation. */
  readonly faults: Readonly<Record<string, readonly string[]>>
} = {
  absent: {
    // Of the root user.
    GetUser: ['User.Path', 'User.UserName'],
    CreateAccessKey: ['AccessKey.UserName'],
    UploadSigningCertificate: ['Certificate.UserName'],
    ListSigningCertificates: ['Certificates[].UserName'],
    // Of a job that is under way.
    GetServiceLastAccessedDetails: ['JobCompletionDate', 'ServicesLastAccessed'],
    GetServiceLastAccessedDetailsWithEntities: ['JobCompletionDate', 'EntityDetailsList'],
  },
  values: {
    PermissionsBoundaryAttachmentType: /^Policy$/,
    // The root user's is the account's number.
    idType: /^(?:A[A-Z]{3}[A-Z0-9]{17}|\d{12})$/,
    PolicySourceType: /^(?:IAM|Permissions Boundary|Resource) Policy$/,
    // MD5 has 47 characters so written; the model says 48.
    publicKeyFingerprintType: /^[0-9a-f]{2}(?::[0-9a-f]{2}){15}$/,
  },
  faults: { CreateRole: ['NoSuchEntity'] },
}
