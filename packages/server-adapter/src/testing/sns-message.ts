import { createSign } from 'node:crypto'
import type { Fetch } from '../webhooks/sns.js'

export const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:uploads'
export const CERTIFICATE_URL = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem'

/** What SNS sends, signed with a key of our own, by the rule of its documentation: names and values in their order, each on a line. */
export function snsMessage(fields: Readonly<Record<string, string>>, version: '1' | '2' = '2'): Record<string, string> {
  const message: Record<string, string> = {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: TOPIC,
    Message: '{}',
    Timestamp: '2026-01-01T00:00:00.000Z',
    SignatureVersion: version,
    SigningCertURL: CERTIFICATE_URL,
    ...fields,
  }
  const names = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const signer = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
  for (const name of names) if (message[name] !== undefined) signer.update(`${name}\n${message[name]}\n`)
  return { ...message, Signature: signer.sign(PRIVATE_KEY, 'base64') }
}

/** Amazon's web servers, in the hands of a test. */
export function createAmazon(): { readonly fetch: Fetch; readonly asked: string[]; answer: (url: string) => Response } {
  const asked: string[] = []
  const amazon = {
    asked,
    answer: (url: string) => new Response(url.endsWith('.pem') ? CERTIFICATE : '<ConfirmSubscriptionResponse/>'),
    async fetch(url: string) {
      asked.push(url)
      return amazon.answer(url)
    },
  }
  return amazon
}

// Of no use to anyone: made for these tests.
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIDGzCCAgOgAwIBAgIUKTwPWQI+jOubdU95dtZ+jBiUTP4wDQYJKoZIhvcNAQEL
BQAwHDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wIBcNMjYxMTIxMTY1MjMw
WhgPMjEyNjEwMjgxNjUyMzBaMBwxGjAYBgNVBAMMEXNucy5hbWF6b25hd3MuY29t
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqEx+185YKVncyxoBrEe/
6p8kd2cEX5AjUGpGeJK1nwaBpDHcOn6Drd9LVwkiloFrEXJxdBcM+q6GhkALNaX2
Oi1OyMZ08V77U8DkJhFNJg+hWd8Lcyoz2ZhjzrpVUPD02qQ6DkYMVHZ6aqOBLHtm
2hTCOKC2NETEpX50Zbu6b9sMMafwTzqw19rKncP1Y5rXHPCpf+MCCu63kKGV/asB
ohZBuCJl0+G8D6CQppr6ei+xeo8T4TOTxcW5M9A0HfyIBZb+HadWCMJWjoAvsx4P
Kd4cmNpHyeM/fm4AA4sdHz9gxSH6h0giIIWp+h3Gg2E0c7G8HhdBPf2GIDyGdYCc
zwIDAQABo1MwUTAdBgNVHQ4EFgQUJDcLPemBC+mg8Xjjo1Jy2wzCrK4wHwYDVR0j
BBgwFoAUJDcLPemBC+mg8Xjjo1Jy2wzCrK4wDwYDVR0TAQH/BAUwAwEB/zANBgkq
hkiG9w0BAQsFAAOCAQEAlaDffl5DKBeFp8OIn3O4eKOP3AAArQZBpdRz9RkQU/uf
vXbwl4HpqPhfwFG8H4Jc7OYtXPnpYD25EoLji2yWlsySPAgj4VbVG4JcTbAtq+2m
Z5dpkNUWcR1tFDAe//nloZs6k1M6551zhfPfqdKTlvB7p17BKe/kiTbBP3LaDrw6
cWIhARPS9n+acGD+cwL1HKchR0KsmbD9bgq4BAH+yYsfF5oXMS0x6Jh9HXG0mqAx
t4VGRC00CRXzTpeqsup406C8IBTsGcKf4yJnRMP8zC4kJEz6To2cqwctZa+y0rcf
m3XaFA4t8NFsXBWSJpDBjdIr++ajT9uride9kzavWQ==
-----END CERTIFICATE-----`

const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCoTH7XzlgpWdzL
GgGsR7/qnyR3ZwRfkCNQakZ4krWfBoGkMdw6foOt30tXCSKWgWsRcnF0Fwz6roaG
QAs1pfY6LU7IxnTxXvtTwOQmEU0mD6FZ3wtzKjPZmGPOulVQ8PTapDoORgxUdnpq
o4Ese2baFMI4oLY0RMSlfnRlu7pv2wwxp/BPOrDX2sqdw/Vjmtcc8Kl/4wIK7reQ
oZX9qwGiFkG4ImXT4bwPoJCmmvp6L7F6jxPhM5PFxbkz0DQd/IgFlv4dp1YIwlaO
gC+zHg8p3hyY2kfJ4z9+bgADix0fP2DFIfqHSCIghan6HcaDYTRzsbweF0E9/YYg
PIZ1gJzPAgMBAAECggEAFDTrCITb4ksfJBDr9oAUM4VcCYIIQmO5+bkThlKHFUrg
segn+wCfACH5QmqfCSxiFebZvF3azxZj9yZ6shGfw1MWodXsyzY46CYWvoNWnKVF
HYHsNq2bKsW4kLpKmBH2NBzXuPMBc/qtrrQRmaz5/QvVA0Y4hNoPikHpPnW7EsbW
KzzSe7PQwGiU1+9P5glxCBWAxKnkzPKyQMrKgNFOWIsHykegcsy/NhVlxVsu3/iz
GYgzrQ9lnalQiykn2kmtAptdT2TkdpoivJ2W5yVrph3EuoEW9WJEWlQALxrpHtIS
qVVzMk1gBbcogLbf1wOOcVt6p3vc7pltkAVgU+AhoQKBgQDbHU7q09kLgrO0I5dZ
3tgVT7M/4WxO5WRmimjtZywaLTMYQXqQBWkXDsO3ksIgV9pa3i4cnLUpCoHiCmJ1
hrxfyYeSmipV6Oo4JxWG3QDLXZgQQz+NJN7ScvpebzLfvqlnG451GKSMzP8NFJ7n
OuaynCZ5j36jfQQhb4A7GaAJxwKBgQDEoUvuGvvoY5N+e5nGklEBNxwzN3BtY0ji
Re64eizyBjR29eIGnZDvskMeQ43t67CdqGVOzuyOLlGVuytoMsdp1fpMFStdwJYp
PvSOAR0m91MIykcRoBjoyPveCQUNtnVvsZkDWOM7K9xjKdZkgMg87Txlnn/VWbMB
hc2n/zoUuQKBgQCpA5p0GKU6876aHToJ4JLdHXUuuTtKQDeJwQne1c53ApZ/B0L7
BLFjT8g4OcP0HtAXd3oqJ9a1qZ02Nrxr21pCqLkipDgzvE2usrcwKBkMxU0efkDv
JpmZy4bEgRHE9NTG68KfIDsNQLMb6+QGiLCa5UfoTH9qrGwbPl6zN7jy0QKBgQCA
A272rpSwYBvHbdrYn6ujOejfI0nLvabWwabAbbJTQ1zm0f/8RJr2orz1uA9wBVDv
45FJNIhnrJoq/DcvWFfhfJC+9c1M9TQN2FHJHcqH8t8ZSu/n9q4g57Cqhn7GxbJB
LIOs3TLa9BxAZx2QQxOaLu1yTzV0hjh3VlBk/lIm6QKBgDIJaN7tz5/VEiTGNyD9
7HzpHJUskBsOV1e9cDZs/dmF7+Sgbfptx1adDzIOGbviizUcSXCo0CzuaLpYBATo
VefaYNq2ZrCFW5qQAx1KyG7+Xx3osoOlN++cEHMyDYzNtRTeFzoqWCy0wfA8w9pe
oc59fAeCNM37mJn9ECCHlex5
-----END PRIVATE KEY-----`
