data "aws_iam_user" "ann" { user_name = aws_iam_user.ann.name }
data "aws_iam_users" "crew" {
  path_prefix = aws_iam_user.ann.path
  depends_on  = [aws_iam_user.ann]
}
data "aws_iam_access_keys" "ann" { user = aws_iam_access_key.ann.user }
data "aws_iam_group" "crew" { group_name = aws_iam_group_membership.crew.group }
data "aws_iam_role" "app" { name = aws_iam_role.app.name }
data "aws_iam_roles" "service" {
  path_prefix = "/service/"
  depends_on  = [aws_iam_role.app]
}
data "aws_iam_policy" "reading" { arn = aws_iam_policy.reading.arn }
data "aws_iam_policy" "named" {
  name       = "ReadOnlyAccess"
  depends_on = [aws_iam_user_policy_attachment.ann]
}
data "aws_iam_instance_profile" "app" { name = aws_iam_instance_profile.app.name }
data "aws_iam_instance_profiles" "app" { role_name = aws_iam_instance_profile.app.role }
data "aws_iam_session_context" "app" {
  arn = "arn:aws:sts::${data.aws_caller_identity.me.account_id}:assumed-role/${aws_iam_role.app.name}/one"
}

output "read" {
  value = {
    user     = data.aws_iam_user.ann.arn
    users    = data.aws_iam_users.crew.names
    keys     = data.aws_iam_access_keys.ann.access_keys[*].status
    group    = sort(data.aws_iam_group.crew.users[*].user_name)
    role     = data.aws_iam_role.app.max_session_duration
    roles    = data.aws_iam_roles.service.names
    policy   = jsondecode(data.aws_iam_policy.reading.policy)
    attached = data.aws_iam_policy.named.attachment_count
    profile  = data.aws_iam_instance_profile.app.role_name
    profiles = data.aws_iam_instance_profiles.app.names
    issuer   = data.aws_iam_session_context.app.issuer_arn
  }
}
