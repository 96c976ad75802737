module interop

go 1.21

require github.com/aws/aws-xray-sdk-go/v2 v2.0.0
