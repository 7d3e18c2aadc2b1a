resource "aws_iam_virtual_mfa_device" "ann" {
  virtual_mfa_device_name = "ann"
  path                    = "/crew/"
  tags                    = { Generation = tostring(var.generation) }
}
