# Needs the organization, and IAM's access to it.
resource "aws_iam_organizations_features" "root" {
  enabled_features = local.first ? ["RootCredentialsManagement"] : ["RootCredentialsManagement", "RootSessions"]
  depends_on       = [aws_organizations_organization.ours]
}
