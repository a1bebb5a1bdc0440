"""Texts that hold a made-up secret, and texts that only look it.

Every secret is put together when the tests run: what stands here is no credential of any shape.
"""

from __future__ import annotations

import base64
import json
import random
import string

_random = random.Random(20_240_229)
HEX = "0123456789abcdef"
LOWER = string.ascii_lowercase
DIGITS = string.digits
ALNUM = string.ascii_letters + DIGITS
URL = ALNUM + "-_"
UPPER = string.ascii_uppercase + DIGITS


def made(alphabet: str, length: int) -> str:
    """A random word that starts and ends with a letter or digit and has every kind of character of its alphabet."""
    kinds = [kind for kind in (string.ascii_lowercase, string.ascii_uppercase, DIGITS) if set(kind) & set(alphabet)]
    while True:
        word = "".join(_random.choice(alphabet) for _ in range(length))
        if word[0].isalnum() and word[-1].isalnum() and all(set(kind) & set(word) for kind in kinds):
            return word


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


JWT = ".".join((_encoded({"alg": "HS256", "typ": "JWT"}), _encoded({"sub": "1234", "name": "N"}), made(URL, 43)))
BODY = [made(ALNUM + "+/", 64) for _ in range(6)]


def armour(label: str) -> list[str]:
    return [f"-----BEGIN {label}-----", *BODY, made(ALNUM, 30) + "==", f"-----END {label}-----"]


TOKENS = {
    "AWS access key": "AKIA" + made(UPPER, 16),
    "AWS temporary key": "ASIA" + made(UPPER, 16),
    "Age": "AGE-SECRET-KEY-1" + made(UPPER, 58),
    "Alibaba": "LTAI" + made(ALNUM, 20),
    "Anthropic": "sk-ant-api03-" + made(URL, 93) + "AA",
    "Artifactory": "AKCp8" + made(ALNUM, 60),
    "Atlassian": "ATATT3xFfGF0" + made(URL, 180),
    "Azure AD": made(ALNUM, 3) + "8Q~" + made(ALNUM, 34),
    "Azure storage": "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=" + made(ALNUM + "+/", 86) + "==",
    "Databricks": "dapi" + made(HEX, 32),
    "DigitalOcean": "dop_v1_" + made(HEX, 64),
    "Discord bot": "MTE" + made(ALNUM, 21) + "." + made(ALNUM, 6) + "." + made(ALNUM, 27),
    "Discord webhook": "https://discord.com/api/webhooks/" + made(DIGITS, 18) + "/" + made(URL, 68),
    "Docker Hub": "dckr_pat_" + made(URL, 27),
    "Doppler": "dp.pt." + made(ALNUM, 43),
    "Figma": "figd_" + made(URL, 40),
    "GitHub fine-grained": "github_pat_" + made(ALNUM, 22) + "_" + made(ALNUM, 59),
    "GitHub OAuth": "gho_" + made(ALNUM, 36),
    "GitHub personal": "ghp_" + made(ALNUM, 36),
    "GitLab personal": "glpat-" + made(ALNUM, 20),
    "GitLab runner": "glrt-" + made(ALNUM, 20),
    "Google API": "AIza" + made(ALNUM, 35),
    "Google OAuth secret": "GOCSPX-" + made(ALNUM, 28),
    "Google OAuth token": "ya29." + made(URL, 120),
    "Grafana": "glsa_" + made(ALNUM, 32) + "_" + made(HEX, 8),
    "Groq": "gsk_" + made(ALNUM, 52),
    "Hugging Face": "hf_" + made(ALNUM, 34),
    "JSON web token": JWT,
    "Linear": "lin_api_" + made(ALNUM, 40),
    "Mailchimp": made(HEX, 32) + "-us12",
    "Mailgun": "key-" + made(HEX, 32),
    "New Relic": "NRAK-" + made(UPPER, 27),
    "Notion": "ntn_" + made(ALNUM, 46),
    "npm": "npm_" + made(ALNUM, 36),
    "OpenAI legacy": "sk-" + made(ALNUM, 20) + "T3Blbk" + "FJ" + made(ALNUM, 20),
    "OpenAI project": "sk-proj-" + made(URL, 74) + "T3Blbk" + "FJ" + made(ALNUM, 74),
    "Postman": "PMAK-" + made(HEX, 24) + "-" + made(HEX, 34),
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + made(URL, 160),
    "RubyGems": "rubygems_" + made(HEX, 48),
    "SendGrid": "SG." + made(ALNUM, 22) + "." + made(ALNUM, 43),
    "Sentry": "sntrys_" + made(ALNUM, 120),
    "Shopify": "shpat_" + made(HEX, 32),
    "Slack app": "xapp-1-" + made(UPPER, 11) + "-" + made(DIGITS, 13) + "-" + made(HEX, 64),
    "Slack bot": "xoxb-" + made(DIGITS, 12) + "-" + made(DIGITS, 12) + "-" + made(ALNUM, 24),
    "Slack webhook": "https://hooks.slack.com/services/T"
    + made(UPPER, 8)
    + "/B"
    + made(UPPER, 8)
    + "/"
    + made(ALNUM, 24),
    "Square": "sq0csp-" + made(ALNUM, 43),
    "Stripe live": "sk_live_" + made(ALNUM, 24),
    "Stripe restricted": "rk_live_" + made(ALNUM, 48),
    "Stripe webhook": "whsec_" + made(ALNUM, 32),
    "Telegram": made(DIGITS, 10) + ":AA" + made(ALNUM, 33),
    "Terraform Cloud": made(ALNUM, 14) + ".atlasv1." + made(ALNUM, 67),
    "Twilio account": "AC" + made(HEX, 32),
    "Twilio key": "SK" + made(HEX, 32),
    "Vault": "hvs." + made(ALNUM, 90),
}
"""Kind of secret to one."""

_password = made(ALNUM, 9) + "!" + made(ALNUM, 3)
_key = made(ALNUM, 32)
_hex = made(HEX, 40)
_aws = made(ALNUM, 20) + "/" + made(ALNUM, 19)

ASSIGNED = [
    ("settings.py", f'DATABASES = {{"default": {{"PASSWORD": "{_password}"}}}}'),
    ("settings.py", f"SECRET_KEY = '{made(LOWER + DIGITS + '!@#$%^&*', 50)}'"),
    ("settings.py", f'API_KEY: str = "{_key}"'),
    ("client.py", f'client = Client(api_key="{_key}")'),
    ("client.py", f"os.environ['GRAPH_TOKEN'] = '{_key}'"),
    ("client.py", f'requests.get(url, headers={{"Authorization": "Bearer {_key}"}})'),
    ("client.js", f"const clientSecret = '{_key}';"),
    ("client.ts", f'  private readonly apiKey: string = "{_key}";'),
    ("client.ts", f"  authToken: `{_hex}`,"),
    ("Main.java", f'private static final String DB_PASSWORD = "{_password}";'),
    ("main.go", f'apiToken := "{_key}"'),
    ("main.go", f'const secretKey string = "{_key}"'),
    ("main.rs", f'let api_key: &str = "{_key}";'),
    ("main.c", f'static const char password[32] = "{_password}";'),
    ("Program.cs", f'var connection = "Server=db;Database=app;User Id=sa;Password={_password};";'),
    ("config.php", f"define('DB_PASSWORD', '{_password}');"),
    ("app.rb", f"  password: '{_password}',"),
    ("Config.kt", f'val accessKey = "{_key}"'),
    ("config.yaml", f"password: {_password}"),
    ("config.yaml", f"  api_key: {_key}  # rotate me"),
    ("config.yml", f'client_secret: "{_key}"'),
    ("app.ini", f"secret_key = {_key}"),
    ("app.properties", f"spring.datasource.password={_password}"),
    ("app.toml", f'auth_token = "{_hex}"'),
    ("Dockerfile", f"ENV API_TOKEN={_key}"),
    ("Dockerfile", f"ENV API_TOKEN {_key}"),
    ("docker-compose.yml", f"      - POSTGRES_PASSWORD={_password}"),
    ("deploy.sh", f"export AWS_SECRET_ACCESS_KEY={_aws}"),
    ("deploy.sh", f"mysql --password={_password} app"),
    ("deploy.sh", f"login --token {_key}"),
    ("deploy.sh", f'curl -H "Authorization: Basic {made(ALNUM, 32)}" https://api.host.net'),
    ("aws.py", f'aws_secret_access_key="{_aws}"'),
    ("settings.json", f'{{"clientSecret": "{_key}"}}'),
    ("notebook.ipynb", f'    "password = \\"{_password}\\"\\n",'),
    ("web.config", f'<add key="ApiPassword" value="{_password}" />'),
    ("beans.xml", f'<property name="password" value="{_password}"/>'),
    ("redis.conf", f"requirepass {_key}"),
    ("settings.xml", f"<password>{_password}</password>"),
    ("main.tf", f'  master_password = "{_password}"'),
    ("terraform.hcl", f'secret_key = "{_aws}"'),
    ("README.md", f'Log in with `token="{_key}"`.'),
    ("cloudant.yaml", f"cloudant_apikey: {made(LOWER, 24)}"),
    ("ibm.yaml", f"ibm_cloud_api_key: {made(URL, 44)}"),
    ("ibm.py", f'ibm_cos_hmac_secret_access_key = "{made(HEX, 48)}"'),
    ("softlayer.py", f'softlayer_api_key = "{made(HEX, 64)}"'),
    ("db.py", f'url = "postgres://app:{made(ALNUM, 14)}@db.internal:5432/app"'),
    ("db.env.txt", f"DATABASE_URL=mysql://root:{made(ALNUM, 10)}@10.0.0.3/app"),
    ("ci.yml", f"git clone https://deploy:{made(ALNUM, 20)}@git.host.net/app.git"),
    ("cache.py", f'redis = "redis://:{made(ALNUM, 24)}@cache:6379/0"'),
    (
        ".npmrc.txt",
        f"//registry.npmjs.org/:_authToken={made(HEX, 8)}-{made(HEX, 4)}-{made(HEX, 4)}-{made(HEX, 4)}-{made(HEX, 12)}",
    ),
    ("sas.txt", f"https://a.blob.core.windows.net/c?sv=2020&sig={made(ALNUM, 43)}%3D"),
]
"""File name and a line of it that holds a secret only its name, or its place in a URL, gives away."""

KEYS = [
    ("id", armour("RSA PRIVATE KEY")),
    ("id", armour("OPENSSH PRIVATE KEY")),
    ("id", armour("EC PRIVATE KEY")),
    ("id", armour("PRIVATE KEY")),
    ("id", armour("ENCRYPTED PRIVATE KEY")),
    (
        "id",
        [
            *armour("DSA PRIVATE KEY")[:1],
            "Proc-Type: 4,ENCRYPTED",
            "DEK-Info: AES-128-CBC," + made(HEX, 32),
            "",
            *armour("DSA PRIVATE KEY")[1:],
        ],
    ),
    (
        "id",
        [
            "-----BEGIN PGP PRIVATE KEY BLOCK-----",
            "Version: GnuPG v2",
            "",
            *BODY,
            "=" + made(ALNUM, 4),
            "-----END PGP PRIVATE KEY BLOCK-----",
        ],
    ),
    (
        "id",
        [
            "PuTTY-User-Key-File-3: ssh-ed25519",
            "Encryption: none",
            "Comment: me",
            "Public-Lines: 2",
            *BODY[:2],
            "Private-Lines: 1",
            BODY[2],
            "Private-MAC: " + made(HEX, 64),
        ],
    ),
    (
        "key.py",
        ['KEY = """' + armour("PRIVATE KEY")[0], *armour("PRIVATE KEY")[1:-1], armour("PRIVATE KEY")[-1] + '"""'],
    ),
    ("key.yaml", ["    " + line for line in armour("RSA PRIVATE KEY")]),
    ("key.js", [f'  "{line}\\n" +' for line in armour("RSA PRIVATE KEY")]),
    ("account.json", ['{"private_key": "' + "\\n".join(armour("PRIVATE KEY")) + '\\n"}']),
]
"""File name and the lines of a private key, all of them secret."""

_uuid = "-".join(made(HEX, n) for n in (8, 4, 4, 4, 12))
_sha1, _sha256, _sha512, _md5 = (made(HEX, n) for n in (40, 64, 128, 32))
_integrity = made(ALNUM + "+/", 86) + "=="
_image = base64.b64encode(bytes(_random.randrange(256) for _ in range(600))).decode()

LOOK_ALIKES = [
    ("yarn.lock", f"  integrity sha512-{_integrity}"),
    ("yarn.lock", f'  resolved "https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#{_sha1}"'),
    ("package-lock.json", f'      "integrity": "sha512-{_integrity}",'),
    ("poetry.lock", f'    {{file = "attrs-24.2.0.tar.gz", hash = "sha256:{_sha256}"}},'),
    (
        "uv.lock",
        f'sdist = {{ url = "https://files.pythonhosted.org/packages/a/attrs.tar.gz", hash = "sha256:{_sha256}", size = 805678 }}',
    ),
    ("Cargo.lock", f'checksum = "{_sha256}"'),
    ("go.sum", f"golang.org/x/net v0.1.0 h1:{made(ALNUM, 43)}="),
    ("Gemfile.lock", f"  revision: {_sha1}"),
    ("requirements.txt", f"    --hash=sha256:{_sha256}"),
    ("Pipfile.lock", f'            "sha256:{_sha256}"'),
    ("flake.lock", f'        "narHash": "sha256-{made(ALNUM, 43)}=",'),
    ("test_hash.py", f'assert digest == "{_sha1}"'),
    ("test_hash.py", f'MD5 = "{_md5}"'),
    ("hashes.py", f'EXPECTED = "{_sha512}"'),
    ("notes.md", f"Fixed in {_sha1}."),
    ("notes.md", f"Reverts commit {_sha1[:10]} (see {_md5})."),
    ("index.html", f'<script src="a.js" integrity="sha384-{made(ALNUM, 64)}" crossorigin></script>'),
    ("index.html", f'<img src="data:image/png;base64,{_image}">'),
    ("logo.css", f"background: url(data:image/png;base64,{_image});"),
    ("cert.ts", f'const thumbprint = "{_sha1.upper()}";'),
    ("ids.py", f'USER_ID = "{_uuid}"'),
    ("ids.ts", f'const clientId = "{_uuid}";'),
    ("ids.json", f'  "id": "{_uuid}",'),
    ("ids.yaml", f"tenant: {_uuid}"),
    ("ids.cs", f'[Guid("{_uuid}")]'),
    ("auth.py", 'password = os.environ["DB_PASSWORD"]'),
    ("auth.py", 'token = os.getenv("API_TOKEN", "")'),
    ("auth.py", "password: str"),
    ("auth.py", "key_or_pass = r'(?:key|pwd|password|pass|token)'"),
    ("auth.py", 'raise ValueError("for tokens, pass `disallowed_special2=()`")'),
    ("auth.py", "def login(self, username: str, password: str) -> Token:"),
    ("auth.py", "self.password = password"),
    ("auth.py", 'api_key = config.get("api_key")'),
    ("auth.py", 'secret = get_secret("production/database")'),
    ("auth.py", 'token = request.headers["X-Auth-Token"]'),
    ("auth.py", 'PASSWORD_FIELD = "user_password"'),
    ("auth.py", 'SECRET_NAME = "projects/app/secrets/db-password-2"'),
    ("auth.py", 'token_url = "https://login.host.net/oauth2/v2.0/token"'),
    ("auth.py", 'password_hash = "' + "$2b$12$" + made(ALNUM, 53) + '"'),
    ("auth.py", 'key = f"user:{user_id}:session:{session_id}"'),
    ("auth.py", 'raise ValueError("password must have 8 characters")'),
    ("auth.py", 'help="the API key, as in --api-key=KEY"'),
    ("auth.py", 'tokenizer = Tokenizer("cl100k_base")'),
    ("auth.py", 'token_type = "access_token_v2"'),
    ("auth.py", "secret_lines = tuple(secret for secret in secrets)"),
    ("auth.py", 'PRIVATE_KEY_FILE = "/etc/ssl/private/server2024.key"'),
    ("auth.py", 'credentials = Credentials.from_file("credentials.json")'),
    ("auth.py", 'parser.add_argument("--password", default=None)'),
    ("auth.py", 'if "-----BEGIN RSA PRIVATE KEY-----" in text:'),
    ("auth.py", 'PEM_HEADER = "-----BEGIN PRIVATE KEY-----"'),
    ("test_auth.py", 'client.login(username="user", password="test")'),
    ("test_auth.py", 'password="test"'),
    ("test_auth.py", 'password = "password"'),
    ("test_auth.py", 'password = "password123"'),
    ("test_auth.py", 'token = "test-token"'),
    ("test_auth.py", 'api_key = "fake-api-key-1234"'),
    ("test_auth.py", 'secret = "not-a-real-secret-1"'),
    ("test_auth.py", 'SECRET_KEY = "insecure-test-key"'),
    ("test_auth.py", 'token="dummy_token_0123"'),
    ("test_auth.py", 'user = make_user(password="correct horse battery staple")'),
    ("test_auth.py", 'PASSWORD = "hunter2"'),
    ("test_auth.py", 'url = "https://user:password@example.com/"'),
    ("test_auth.py", 'url = "https://user:pass@host/path"'),
    ("test_auth.py", 'url = f"postgres://{user}:{password}@{host}/{name}"'),
    ("test_auth.py", 'assert str(url) == "http://username:***@localhost:8080"'),
    ("config.yaml", "password: changeme"),
    ("config.yaml", "password: ${DB_PASSWORD}"),
    ("config.yaml", 'password: "{{ vault_db_password }}"'),
    ("config.yaml", "api_key: <your-api-key>"),
    ("config.yaml", "api_key: YOUR_API_KEY_HERE"),
    ("config.yaml", "token: xxxxxxxxxxxxxxxxxxxx"),
    ("config.yaml", "secret: !Ref DatabaseSecret"),
    ("config.yaml", "secretName: tls-certificate-2"),
    ("config.yaml", "secretKeyRef:"),
    ("config.yaml", "  key: database-password"),
    ("config.yaml", "token: ${{ secrets.GITHUB_TOKEN }}"),
    ("config.yaml", "max_tokens: 128000"),
    ("config.yaml", "  - token: string"),
    ("config.yaml", "password: null"),
    ("config.yaml", "password_file: /run/secrets/db_password"),
    ("config.ini", "password = example"),
    ("config.ini", "; api_key = put-your-key-here"),
    ("config.ini", "secret_key = %(SECRET_KEY)s"),
    ("env.example.txt", "API_KEY="),
    ("env.example.txt", "API_KEY=replace_me_with_a_key_123"),
    ("env.example.txt", "STRIPE_KEY=sk_test_your_key_here"),
    ("env.example.txt", "GITHUB_TOKEN=ghp_" + "x" * 36),
    ("env.example.txt", "DATABASE_URL=postgres://postgres:postgres@localhost/app"),
    ("env.example.txt", "REDIS_URL=redis://:$REDIS_PASSWORD@cache:6379"),
    ("deploy.sh", 'export TOKEN="$(vault read -field=token secret/app)"'),
    ("deploy.sh", "export PASSWORD=$1"),
    ("deploy.sh", 'curl -H "Authorization: Bearer $TOKEN" https://api.host.net'),
    ("deploy.sh", "docker login --password-stdin registry.host.net"),
    ("deploy.sh", 'echo "the token expired2024"'),
    ("Dockerfile", "ARG NPM_TOKEN"),
    ("Dockerfile", "ENV PASSWORD_STORE_DIR=/var/lib/password-store"),
    ("main.tf", "  password = var.db_password"),
    ("main.tf", "  password = random_password.master.result"),
    ("app.ts", "const password = this.form.value.password;"),
    ("app.ts", "  apiKey: process.env.API_KEY,"),
    ("app.ts", "  password: string;"),
    ("app.ts", "  @Input() passwordPlaceholder = 'At least 8 characters';"),
    ("app.ts", "export const TOKEN_KEY = 'auth.token.v2';"),
    ("app.ts", "localStorage.getItem('access_token')"),
    ("app.ts", "const sortKey = 'createdAt2';"),
    ("app.tsx", '<input type="password" autoComplete="current-password" id="password1" />'),
    ("app.js", "const cacheKey = `${namespace}:${id}`;"),
    ("app.js", "headers: { Authorization: `Bearer ${token}` }"),
    ("App.java", 'String password = System.getenv("DB_PASSWORD");'),
    ("App.java", '@Value("${app.secret-key}") private String secretKey;'),
    ("app.go", 'token := os.Getenv("TOKEN")'),
    ("app.go", "func (c *Client) SetPassword(password string) error {"),
    ("app.rs", 'let token = std::env::var("TOKEN")?;'),
    ("app.rb", "password: Rails.application.credentials.db_password"),
    ("app.php", "$password = $_POST['password'];"),
    ("en.json", '  "password.reset.title": "Reset your password",'),
    ("en.json", '  "forgotPassword": "Forgot password?",'),
    ("schema.sql", "  password_hash VARCHAR(255) NOT NULL,"),
    ("openapi.yaml", "      tokenUrl: https://login.host.net/oauth/token"),
    ("api.proto", "  string refresh_token = 12;"),
    (
        "names.py",
        "from magnetar.context.sources.a_rather_long_module_name_indeed import SomeVeryLongClassNameFactoryBuilder2",
    ),
    ("names.py", "test_the_quick_brown_fox_jumps_over_the_lazy_dog_and_then_sleeps_1234567890 = None"),
    ("Names.java", "public class AbstractSingletonProxyFactoryBeanConfigurationPropertiesBinding2 {}"),
    ("names.swift", "class APConfiguration : NSObject {}"),
    ("ssl.py", "context = ssl.create_default_context_with_some_long_name()"),
    ("numbers.py", "PRIMES = [104729, 1299709, 15485863, 179424673, 2038074743]"),
    ("colours.css", "  color: #a1b2c3; background: #0f0f0f;"),
    ("svg.svg", '<path d="M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2zm0 18c-4.41"/>'),
]
"""File name and a line that is worth reading and holds no secret."""
