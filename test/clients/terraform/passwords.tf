resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = local.first ? 10 : 14
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = local.first
  allow_users_to_change_password = true
  max_password_age               = local.first ? 0 : 90
  password_reuse_prevention      = local.first ? null : 3
}

resource "aws_iam_user_login_profile" "bound" {
  user                    = aws_iam_user.bound.name
  password_length         = 24
  password_reset_required = true
  depends_on              = [aws_iam_account_password_policy.strict]
}
