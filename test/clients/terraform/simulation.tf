data "aws_iam_principal_policy_simulation" "ann" {
  policy_source_arn = aws_iam_role.app.arn
  action_names      = ["s3:GetObject"]
  resource_arns     = ["arn:aws:s3:::bucket/x"]
  depends_on        = [aws_iam_role_policy_attachment.app]
}
output "simulated" { value = data.aws_iam_principal_policy_simulation.ann.all_allowed }
