"""A work-force as large as England's: organisations, accounts, checks, roles, and a month of their log.

Written by the tables' owner, for making 330,000 people through the actions would take hours;
the few who are measured are made by the same actions as real ones (`people`).
Dates are spread as years of use would spread them, so that a night finds what a night would find.
"""

from datetime import datetime, timedelta

from contactpoint.codes.authorities import current_authorities
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.progress import Progress

CODE = "BENCH-W"  # how the codes of these organisations begin
LOG_DAYS = 28
_READY = "SELECT count(*) FROM access_organisation WHERE code LIKE %(code)s || '%%'"
_AUTHORITIES = "CREATE TEMP TABLE weight (code text, upto float) ON COMMIT DROP"
_ORGANISATIONS = """
INSERT INTO access_organisation (code, name, kind, sector, authority, telephone, secure_email, address,
    out_of_hours, sensitive_service, registered_at)
SELECT %(code)s || n,
    (ARRAY['School', 'Surgery', 'Family centre', 'Visitors', 'Youth'])[1 + n %% 5] || ' ' || md5(n::text),
    'team',
    (ARRAY['education', 'health', 'early_help', 'health', 'social_care'])[1 + n %% 5],
    (SELECT w.code FROM weight w WHERE w.upto >= d.draw ORDER BY w.upto LIMIT 1), '0121 496 0000',
    'team' || n || '@bench.example', '', '', '', %(at)s::timestamptz - interval '3 years'
FROM (SELECT n, ((n * 7919) %% 100003) / 100003.0 AS draw FROM generate_series(1, %(organisations)s) n) d
"""
_ACCREDITED = """
INSERT INTO access_accreditation (organisation_id, security_certificate, security_certificate_expires_on,
    disciplinary_procedure, safeguarding_lead, email_domains, caldicott_approver, accredited_on, expires_on,
    accredited_by_id)
SELECT o.id, 'DSPT', %(on)s::date + (o.id * 31 %% 365)::integer, true, 'Safeguarding lead',
    '["bench.example"]', 'Caldicott Guardian', %(on)s::date - 300, %(on)s::date + (o.id * 31 %% 365)::integer,
    %(first)s
FROM access_organisation o WHERE o.code LIKE %(code)s || '%%'
"""
# The largest body has some two thousand people, the median some ten: squared draws over the organisations.
_ACCOUNTS = """
CREATE TEMP TABLE drawn ON COMMIT DROP AS
SELECT n, o.id AS organisation, o.authority, ((n * 104729::bigint) %% 1000003) / 1000003.0 AS one,
       ((n * 611953::bigint) %% 1000003) / 1000003.0 AS two
FROM (SELECT n, 1 + floor(%(organisations)s
          * power(((n * 15485863::bigint) %% 1000003) / 1000003.0, 2))::integer AS place
      FROM generate_series(1, %(accounts)s) n) a
JOIN access_organisation o ON o.code = %(code)s || a.place;
INSERT INTO access_account (password, email, name, job_title, telephone, organisation_id,
    granted_by_authority, created_at, created_by_id)
SELECT 'pbkdf2_sha256$1$x$x', 'person' || n || '@bench.example',
    initcap(translate(md5(n::text), '0123456789', 'aeiourtnls')), 'Practitioner', '0121 496 0000',
    organisation, authority, %(at)s::timestamptz - interval '2 years', %(first)s FROM drawn;
"""
_CLEARED = """
INSERT INTO access_clearance (account_id, identity_checked_on, identity_checked_by_id, dbs_level,
    dbs_checked_on, dbs_checked_by_id, dbs_next_check_on, training_passed_on, training_expires_on,
    agreement_signed_on, agreement_version, approved_at, approved_by_id, recertified_on, recertified_by_id)
SELECT a.id, %(on)s::date - 700, %(first)s, 'enhanced', %(on)s::date - 700, %(first)s,
    %(on)s::date - 20 + floor(1115 * d.one)::integer, %(on)s::date - 375 + floor(375 * d.two)::integer,
    %(on)s::date - 10 + floor(375 * d.two)::integer, %(on)s::date - 700, '1',
    CASE WHEN d.n %% 40 = 0 THEN NULL ELSE %(at)s::timestamptz - interval '700 days' END,
    CASE WHEN d.n %% 40 = 0 THEN NULL ELSE %(second)s::bigint END,
    %(on)s::date - floor(190 * d.one)::integer, %(second)s
FROM drawn d JOIN access_account a ON upper(a.email) = upper('person' || d.n || '@bench.example')
"""
_ROLES = """
INSERT INTO access_rolegrant (account_id, role, valid_from, granted_by_id)
SELECT a.id, CASE WHEN a.id %% 25 = 0 THEN 'line-manager' ELSE 'practitioner' END,
    %(at)s::timestamptz - interval '700 days', %(second)s
FROM access_account a JOIN access_clearance c ON c.account_id = a.id
WHERE a.email LIKE 'person%%' AND c.approved_at IS NOT NULL
"""
_USED = """
INSERT INTO access_signin (account_id, token, started_at, last_seen_at, used_at, ended_why,
    browser, address)
SELECT c.account_id, md5(c.account_id::text), s.at, s.at, s.at, '', '', ''
FROM access_clearance c, LATERAL (SELECT %(at)s::timestamptz
    - interval '100 days' * power(((c.account_id * 611953) %% 1000003) / 1000003.0, 3) AS at) s
WHERE c.approved_at IS NOT NULL
ON CONFLICT DO NOTHING
"""
_FACTORS = """
INSERT INTO mfa_authenticator (user_id, type, data, created_at)
SELECT c.account_id, 'totp', '{}', %(at)s FROM access_clearance c
WHERE c.approved_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM mfa_authenticator f WHERE f.user_id = c.account_id)
"""
_EVENTS = """
INSERT INTO audit_event (at, kind, refused, account_id, organisation_id, purpose, body, digest, sealed)
SELECT e.at, e.kind, false, e.account, e.organisation, '',
    convert_to(format('{"account":%%s,"address":"10.0.0.1","at":"","children":[],"door":"web","facts":{},"kind":"%%s",'
        '"on_behalf_of":null,"organisation":%%s,"purpose":"","refused":false,"rules":"","sealed":"","v":1}',
        e.account, e.kind, e.organisation), 'UTF8'), sha256(''), ''
FROM (SELECT %(at)s::timestamptz - interval '1 day' * %(days)s * (1 - n::float / %(events)s) AS at,
        (ARRAY['signed-in', 'searched', 'searched', 'record-opened', 'signed-out'])[1 + n %% 5] AS kind,
        a.account, a.organisation
    FROM generate_series(1, %(events)s) n
    JOIN picked a ON a.place = 1 + (n * 7919::bigint) %% (SELECT count(*) FROM picked)) e
"""
_PICKED = """
CREATE TEMP TABLE picked ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id) AS place, id AS account, organisation_id AS organisation
FROM access_account;
CREATE UNIQUE INDEX ON picked (place); ANALYZE picked;
"""
_ANALYSED = ("access_organisation", "access_accreditation", "access_account", "access_clearance",
             "access_rolegrant", "access_signin", "mfa_authenticator", "audit_event")  # fmt: skip


def ensure_workforce(
    *, organisations: int, accounts: int, events: int, by: tuple[int, int], at: datetime, progress: Progress
) -> None:
    """Make them unless they are there. `by`: two accounts, of whom one invited all and the other approved."""
    given = {
        "code": CODE, "organisations": organisations, "accounts": accounts, "events": events,
        "first": by[0], "second": by[1], "at": at, "on": at.date(), "days": LOG_DAYS,
    }  # fmt: skip
    steps = (_ORGANISATIONS, _ACCREDITED, _ACCOUNTS, _CLEARED, _ROLES, _USED, _FACTORS, _PICKED, _EVENTS)
    with connect_as_owner() as owner, owner.cursor() as cursor:
        cursor.execute(_READY, given)
        row = cursor.fetchone()
        if row and row[0]:
            return
        for day in range(LOG_DAYS + 1):
            cursor.execute("SELECT audit_ready_month(%s)", [at.date() - timedelta(days=day)])
        cursor.execute(_AUTHORITIES)
        cursor.executemany("INSERT INTO weight VALUES (%s, %s)", _weights(at))
        for number, step in enumerate(steps):
            progress("Making a work-force", number, len(steps))
            for statement in step.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, given)
    progress("Making a work-force", len(steps), len(steps))
    with connect_as_owner() as owner:
        owner.autocommit = True
        for table in _ANALYSED:
            owner.execute(f"VACUUM (ANALYZE) {table}")


def _weights(at: datetime) -> list[tuple[str, float]]:
    """Each authority's code with the share of England's children in it and all before it."""
    authorities = sorted(current_authorities(at.date()), key=lambda one: one.code)
    total, upto, found = sum(one.children for one in authorities), 0, []
    for one in authorities:
        upto += one.children
        found.append((one.code, upto / total))
    return found
