"""Secrets that give themselves away by their shape: tokens with a known prefix, signed tokens, passwords in URLs.

The shapes are detect-secrets' and, for services it does not know, ours. Its plugins' expressions alone are used: its
settings are module state, its whole-file scan runs at a third of a megabyte a second, and its verifiers call servers.
A cheap expression finds where a token may stand; the exact ones look at that place alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

_SERVICES = {
    "1Password": r"\bops_eyJ[A-Za-z0-9_-]{100,}",
    "Adafruit": r"\baio_[A-Za-z0-9]{28}\b",
    "Age": r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
    "Airtable": r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b",
    "Alibaba": r"\bLTAI[A-Za-z0-9]{17,21}\b",
    "Anthropic": r"\bsk-ant-[A-Za-z0-9_-]{24,}",
    "Artifactory": r"(?<![A-Za-z0-9+/_])(?:AKC|AP[0-9A-F])(?=[A-Za-z]*\d[A-Za-z]*\d)[A-Za-z0-9]{10,}(?![A-Za-z0-9+/_])",
    "Atlassian": r"\b(?:ATATT3|ATCTT3)[A-Za-z0-9_=-]{40,}",
    "Atlassian Bitbucket": r"\bATBB[A-Za-z0-9]{28,32}\b",
    "AWS Bedrock": r"\bABSK[A-Za-z0-9+/]{100,}",
    "AWS secret key": r"(?i:aws|secret).{0,30}?(?<![A-Za-z0-9/+=_])(?=[A-Za-z0-9/+]*[0-9])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])"
    r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_])",
    "Azure client secret": r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])",
    "Azure DevOps": r"(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])",
    "Azure shared key": r"\b(?:SharedAccessKey|AccountKey|sig)=[A-Za-z0-9+/%]{40,}={0,2}",
    "Brevo": r"\bxkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}\b",
    "Buildkite": r"\bbkua_[0-9a-f]{40}\b",
    "CircleCI": r"\bCCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[0-9a-f]{40}\b",
    "Clojars": r"\bCLOJARS_[0-9a-f]{60}\b",
    "Cloudflare origin": r"\bv1\.0-[0-9a-f]{24}-[0-9a-f]{146}\b",
    "Contentful": r"\bCFPAT-[A-Za-z0-9_-]{40,}",
    "Databricks": r"\bdapi[0-9a-f]{32}\b",
    "Deno Deploy": r"\bdd[op]_[A-Za-z0-9]{36}\b",
    "DigitalOcean": r"\bdo[opr]_v1_[0-9a-f]{64}\b",
    "Discord webhook": r"discord(?:app)?\.com/api/webhooks/\d{15,20}/[\w-]{50,}",
    "Docker Hub": r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,}",
    "Doppler": r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{40,}",
    "Dropbox": r"\bsl\.[A-Za-z0-9_-]{130,}",
    "Duffel": r"\bduffel_(?:live|test)_[A-Za-z0-9_=-]{40,}",
    "Dynatrace": r"\bdt0[cs]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}\b",
    "EasyPost": r"\bEZ[AT]K[A-Za-z0-9]{54}\b",
    "Facebook": r"\bEAA[A-Z][A-Za-z0-9]{80,}",
    "Figma": r"\bfig[dou]_[A-Za-z0-9_-]{40,}",
    "Flutterwave": r"\bFLWSECK(?:_TEST)?-[0-9a-fA-F]{12,}-X\b",
    "Fly.io": r"\bFlyV1 fm\d_[A-Za-z0-9+/=,_-]{80,}",
    "Frame.io": r"\bfio-u-[A-Za-z0-9_-]{60,}",
    "GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36,}",
    "GitHub fine-grained": r"\bgithub_pat_[A-Za-z0-9_]{50,}",
    "Google API key": r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
    "Google OAuth secret": r"\bGOCSPX-[A-Za-z0-9_-]{28}",
    "Google OAuth token": r"\bya29\.[A-Za-z0-9_-]{40,}",
    "Grafana": r"\bgl(?:sa|c)_[A-Za-z0-9+/=_]{32,}",
    "Groq": r"\bgsk_[A-Za-z0-9]{40,}",
    "Harness": r"\b(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}\b",
    "HashiCorp Vault": r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}",
    "Heroku": r"\bHRKU-[A-Za-z0-9_-]{36,}",
    "HubSpot": r"\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    "Hugging Face": r"\b(?:hf|api_org)_[A-Za-z0-9]{30,}\b",
    "Infracost": r"\bico-[A-Za-z0-9]{32}\b",
    "JFrog reference": r"\bcmVmdGtu[A-Za-z0-9]{56}\b",
    "LangSmith": r"\blsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}\b",
    "LaunchDarkly": r"\bsdk-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    "Linear": r"\blin_(?:api|oauth)_[A-Za-z0-9]{32,}",
    "MailerSend": r"\bmlsn\.[0-9a-f]{64}\b",
    "Mailgun": r"\b(?:key|pubkey)-[0-9a-f]{32}\b",
    "Mapbox": r"\bsk\.eyJ[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{20,}",
    "Netlify": r"\bnf[pcobu]_[A-Za-z0-9]{36}\b",
    "New Relic": r"\bNRAK-[A-Z0-9]{27}\b",
    "New Relic insights": r"\bNR(?:II|IQ)-[A-Za-z0-9_-]{32}",
    "Notion": r"\b(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})\b",
    "npm": r"\bnpm_[A-Za-z0-9]{36}\b",
    "NuGet": r"\boy2[a-z0-9]{43}\b",
    "Octopus Deploy": r"\bAPI-[A-Z0-9]{26,}\b",
    "Okta": r"\bSSWS +00[A-Za-z0-9_-]{40}",
    "OpenAI": r"\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}|\bsk-[A-Za-z0-9]{48}\b|\bsk-or-v1-[0-9a-f]{64}",
    "Perplexity": r"\bpplx-[A-Za-z0-9]{40,}",
    "Pinecone": r"\bpcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{60,}",
    "Plaid": r"\baccess-(?:production|development|sandbox)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    "PlanetScale": r"\bpscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.=-]{32,}",
    "PostHog": r"\bphx_[A-Za-z0-9_-]{40,}",
    "Postman": r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b",
    "Prefect": r"\bpn[ub]_[a-z0-9]{36}\b",
    "Pulumi": r"\bpul-[0-9a-f]{40}\b",
    "Razorpay": r"\brzp_live_[A-Za-z0-9]{14,}\b",
    "ReadMe": r"\brdme_[a-z0-9]{70}\b",
    "Replicate": r"\br8_[A-Za-z0-9]{37}\b",
    "Resend": r"\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b",
    "RubyGems": r"\brubygems_[0-9a-f]{48}\b",
    "Sentry": r"\bsntry[su]_[A-Za-z0-9_=+/-]{40,}",
    "Shippo": r"\bshippo_(?:live|test)_[0-9a-f]{40}\b",
    "Shopify": r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
    "Slack app": r"\bxapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}|\bxox[bepars](?:-[A-Za-z0-9]{8,}){2,}|\bxoxe(?:\.xox[bp])?-\d-[A-Za-z0-9-]{40,}",
    "SonarQube": r"\bsq[upa]_[0-9a-f]{40}\b",
    "Sourcegraph": r"\bsgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}\b",
    "Square": r"\bEAAA[A-Za-z0-9_-]{60}\b|\bsq0[a-z]{3}-[A-Za-z0-9_-]{22,43}",
    "Stripe": r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{24,}|\bwhsec_[A-Za-z0-9+/]{32,}",
    "Supabase": r"\bsb(?:p|_secret)_[A-Za-z0-9_]{20,}",
    "Tailscale": r"\btskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,}",
    "Teams webhook": r"\.webhook\.office\.com/webhookb2/[0-9a-fA-F-]{36}@[0-9a-fA-F-]{36}/IncomingWebhook/[0-9a-f]{32}",
    "Tencent Cloud": r"\bAKID[A-Za-z0-9]{32}\b",
    "Terraform Cloud": r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}",
    "Twilio": r"\b(?:AC|SK)[0-9a-f]{32}\b",
    "Twitter bearer": r"(?<![A-Za-z0-9+/=])A{20,22}(?!A)[A-Za-z0-9]*%[A-Za-z0-9%]{40,}",
    "Typeform": r"\btfp_[A-Za-z0-9_.=-]{40,}",
    "Volcengine": r"\bAKLT[A-Za-z0-9]{40,48}\b",
    "xAI": r"\bxai-[A-Za-z0-9]{60,}",
    "Yandex": r"\bAQVN[A-Za-z0-9_-]{35,38}",
    "Zapier hook": r"hooks\.zapier\.com/hooks/catch/\d{4,}/[a-z0-9]{6,}",
}
_MARKED = re.compile(
    # a separator that a long run follows is rare, and only there what stands before it is looked at
    rb"[_.-](?=[A-Za-z0-9_-]{14})(?:"
    rb"(?<=\b(?:hf_|sk-|sk\.|sl\.|r8_|re_|SG\.))"
    rb"|(?<=\b(?:gh[pousr]_|gsk_|npm_|tfp_|ntn_|sbp_|glc_|pul-|key-|xai-|hv[sbr]\.))"
    rb"|(?<=\b(?:fig[dou]_|glsa_|gl[a-z]{2}-|xox[a-z]-|xapp-|HRKU-|NRAK-|PMAK-|pplx-|pypi-|ya29\.))"
    rb"|(?<=\b(?:whsec_|shp[a-z]{2}_|gl[a-z]{3}-|dp\.[a-z]{2}\.))"
    rb"|(?<=\b(?:secret_|pscale_|sntry[su]_|do[opr]_v1_|sq0[a-z]{3}-|gl[a-z]{4}-|GOCSPX-))"
    rb"|(?<=\b(?:[sr]k_(?:live|test)_|lin_api_|api_org_|gl[a-z]{5}-|dp\.scim\.))"
    rb"|(?<=\b(?:rubygems_|\.atlasv1\.|dp\.audit\.))"
    rb"|(?<=\b(?:aio_|dd[op]_|nf[pcobu]_|pn[ub]_|phx_|sgp_|sq[upa]_|ops_|ico-|fio-|sdk-|API-|[ps]at\.|pat-))"
    rb"|(?<=\b(?:bkua_|mlsn\.|pcsk_|rdme_|NRI[IQ]-|v1\.0-|lsv2_))"
    rb"|(?<=\b(?:tskey-|CFPAT-))|(?<=\b(?:duffel_|shippo_|access-|dt0[cs]\d\d\.|CCIP(?:AT|RJ)_))"
    rb"|(?<=\b(?:xkeysib-|CLOJARS_|FLWSECK-))|(?<=\brzp_live_)"
    rb"|(?<=\bdckr_[po]at_)|(?<=\blin_oauth_)|(?<=\bgithub_pat_)"
    rb")"
)
_CAPITAL = re.compile(
    rb"A(?:[KS]IA|TBB|TCTT3|BSK|KID|KLT|QVN|BIA|CCA|3T[A-Z0-9]|KC[A-Za-z0-9]{10}|P[0-9A-F][A-Za-z0-9]{8}|Iza|GE-SECRET|TATT3|ccountKey=|C[0-9a-f]{20}|A{20})"
    rb"|EZ[AT]K[A-Za-z0-9]{20}|FLWSECK|FlyV1 |EAA[A-Z][A-Za-z0-9_-]{40}|GR1348941|LTAI[A-Za-z0-9]{10}|S(?:K[0-9a-f]{20}|SWS |haredAccessKey=)"
)
_RARE = tuple(
    # each begins with bytes that are looked for at memory speed
    re.compile(shape)
    for shape in (
        rb":[\w-]{35}",
        rb"\.[\w-]{6}\.[\w-]{27}",
        rb"Q~[\w~.-]{31}",
        rb"-us\d",
        rb"eyJ[A-Za-z0-9_=-]{8,400}\.",
        rb"dapi[0-9a-f]{32}",
        rb"sig=[A-Za-z0-9+/%]{40}",
        rb":_authToken",
        rb"hook(?:s\.slack|s\.zapier|s/\d|\.office)",
        rb"oy2[a-z0-9]{43}",
        rb"cmVmdGtu",
        rb"AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])",
        rb"pat[A-Za-z0-9]{14}\.[0-9a-f]",
        rb"api\.softlayer",
    )
)
_AWS_WORDS = (b"aws", b"AWS", b"ecret", b"SECRET")
_AWS = re.compile(rb"(?:aws|AWS|ecret|SECRET)[^\n]{0,40}?[^A-Za-z0-9/+=_\n][A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_])")
_URL_PASSWORD = re.compile(rb"://([^\s:/@\"'<>`,;(){}\[\]|\\]{0,128}):([^\s/@\"'<>`(){}\[\]|\\^]{3,256})@[\w.\[-]")
_BEFORE, _AFTER, _LONGEST = 120, 440, 200
"""How far around a trigger the exact expressions look, and how much of a token they need to see behind its trigger.

Enough to know a token, and no more for a line of a megabyte.
"""
_RUN = re.compile(rb"[\w.=-]{0,1000}")
"""The rest of a token that a part would cut; a signed one is known by the whole of it."""
_PLACEHOLDER_PASSWORD = re.compile(
    rb"(?i)(?:pass(?:word|wd|phrase)?|pwd|pw|secret|token|key|changeme|change_me|example|test(?:ing)?|demo|user(?:name)?|admin|root|guest"
    rb"|default|dummy|your.*|my.*|x+|\*+|\.+|\d{1,5}|some.*|foo.*|bar.*|hunter2?)"
    rb"|[$%:].*|.*\$\{.*|.*%[sdv]\b.*"
)


def token_places(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the tokens and the passwords in URLs stand, as [start, end) of the bytes, in no order."""
    yield from _url_passwords(data)
    shapes = [_MARKED, _CAPITAL, *_RARE, *([_AWS] if any(word in data for word in _AWS_WORDS) else [])]
    starts = sorted({match.start() for shape in shapes for match in shape.finditer(data)})
    done = 0
    for start in starts:
        if start >= done:
            begin, end = _around(data, start)
            yield from tokens_between(data, begin, end)
            done = end if data[end : end + 1] == b"\n" else end - _LONGEST  # what begins later may be cut


def tokens_between(data: bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Where tokens stand in a part of the bytes."""
    window = data[begin:end].decode("latin-1")  # one character per byte, so that places stay places
    for shape in _shapes():
        for match in shape.finditer(window):
            if _is_varied(match.group()) and (not match.group().startswith("eyJ") or _is_signed_token(match.group())):
                yield begin + match.start(), begin + match.end()


def _around(data: bytes, at: int) -> tuple[int, int]:
    begin = max(data.rfind(b"\n", 0, at) + 1, at - _BEFORE)
    end = data.find(b"\n", at, at + _AFTER)
    if end < 0:
        end = next(_RUN.finditer(data, min(len(data), at + _AFTER))).end()
    return begin, end


def _url_passwords(data: bytes) -> Iterator[tuple[int, int]]:
    for match in _URL_PASSWORD.finditer(data):
        user, password = match.groups()
        if password != user and len(password) > len("12345") and not _PLACEHOLDER_PASSWORD.fullmatch(password):
            yield match.span()


def _is_varied(token: str) -> bool:
    """Whether it could be a real one: `ghp_xxxxxxxx…` and names in letters of one case alone are not."""
    kinds = (any(c.isdigit() for c in token), any(c.islower() for c in token), any(c.isupper() for c in token))
    return len(set(token)) > 7 and sum(kinds) > 1


@functools.cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    """Every exact expression; made at the first use, for importing the library takes a quarter of a second."""
    from detect_secrets.plugins import (
        aws,
        azure_storage_key,
        discord,
        github_token,
        gitlab_token,
        jwt,
        mailchimp,
        npm,
        openai,
        pypi_token,
        sendgrid,
        slack,
        square_oauth,
        stripe,
        telegram_token,
    )

    plugins = (
        aws.AWSKeyDetector,
        azure_storage_key.AzureStorageKeyDetector,
        discord.DiscordBotTokenDetector,
        github_token.GitHubTokenDetector,
        gitlab_token.GitLabTokenDetector,
        jwt.JwtTokenDetector,
        mailchimp.MailchimpDetector,
        npm.NpmDetector,
        openai.OpenAIDetector,
        pypi_token.PypiTokenDetector,
        sendgrid.SendGridDetector,
        slack.SlackDetector,
        square_oauth.SquareOAuthDetector,
        stripe.StripeDetector,
        telegram_token.TelegramBotTokenDetector,
    )
    library = (shape for plugin in plugins for shape in plugin.denylist)
    return (*library, *map(re.compile, _SERVICES.values()))


@functools.cache
def named_shapes() -> tuple[re.Pattern[str], ...]:
    """The library's expressions for values that only the name in front of them tells from others."""
    from detect_secrets.plugins import cloudant, ibm_cloud_iam, ibm_cos_hmac, softlayer

    plugins = (
        cloudant.CloudantDetector,
        ibm_cloud_iam.IbmCloudIamDetector,
        ibm_cos_hmac.IbmCosHmacDetector,
        softlayer.SoftlayerDetector,
    )
    return tuple(shape for plugin in plugins for shape in plugin.denylist)


def _is_signed_token(token: str) -> bool:
    from detect_secrets.plugins.jwt import JwtTokenDetector

    return bool(JwtTokenDetector.is_formally_valid(token))
