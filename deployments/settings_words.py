"""What each setting of an installation means, in Swedish, for docs/reference/settings.md."""

SETTINGS_SAY: dict[str, str] = {
    "database_url": "Databasens adress: `sqlite:////sökväg/kanalvakt.db` eller"
    " `postgresql+psycopg://användare:lösenord@server/databas`.",
    "portal_url": "Portalens adress som alla når den, utan snedstreck sist. Den står i breven.",
    "mail_host": "E-postserverns namn.",
    "mail_port": "E-postserverns port.",
    "mail_security": "`starttls` eller `ssl`; `off` bara för en server på samma dator.",
    "mail_user": "Användare vid e-postservern, om den vill ha en.",
    "mail_password": "Lösenordet dit. En hemlighet.",
    "mail_sender": "Avsändare av det som rör själva installationen; breven kommer från kommunens adress.",
    "returned_mail_address": "Dit brev som inte kan levereras kommer tillbaka. En stjärna i adressen"
    " ersätts med brevets nummer: `retur+*@exempel.se`. Tomt: till kommunens egen avsändaradress.",
    "returned_mail_host": "Servern där den brevlådan läses med IMAP. Tomt: den läses inte.",
    "returned_mail_port": "Serverns port.",
    "returned_mail_security": "`ssl` eller `starttls`; `off` bara för en server på samma dator.",
    "returned_mail_user": "Användaren som läser brevlådan.",
    "returned_mail_password": "Lösenordet dit. En hemlighet.",
    "returned_mail_folder": "Mappen i brevlådan som läses. Lästa brev flyttas till mappen `Kanalvakt/läst`.",
    "returned_mail_files": "I stället för IMAP: en mapp där e-postservern lägger varje brev som en fil"
    " (`.eml`).",
    "target_keys": "Nycklar för kanalernas adresser, den nyaste först, med komma mellan:"
    " `kanalvakt target key`. En hemlighet.",
    "target_schemes": "Slag av kanaler som får läggas till, så som apprise skriver dem.",
    "target_hosts": "Servrar som kanaler får finnas på.",
    "cookie_key": "Minst 32 tecken; skyddar portalens formulär. En hemlighet.",
    "sign_in_issuer": "Organisationens inloggning med OpenID Connect: utfärdarens adress (issuer). Inget:"
    " ingen loggar in, och allt går med brevens länkar. Se [inloggning](../how-to/sign-in.md).",
    "sign_in_client_id": "Klientens namn (client id) hos utfärdaren.",
    "sign_in_client_secret": "Klientens hemlighet där. En hemlighet.",
    "sign_in_claim": "Vilken uppgift (claim) hos utfärdaren som är arbetsadressen.",
    "sign_in_trusted": "Om utfärdaren är betrodd för adressen: då krävs inte `email_verified`.",
    "sign_in_acr": "Värden på `acr`, med mellanslag mellan; en inloggning ska ha ett av dem. Tomt: vilket"
    " som helst.",
    "sign_in_amr": "Sätt i `amr`, med mellanslag mellan, som en inloggning ska ha använt, alla. Tomt: vilka"
    " som helst.",
    "sign_in_hours": "Så många timmar varar ett besök som började med en inloggning.",
    "demonstration": "Bara för `make run` och `make demo`: visar brevlådan och tillåter kakor utan https.",
    "clock_file": "Bara i en demonstration: en fil med de sekunder som klockan flyttas.",
    "mailbox_url": "Bara i en demonstration: brevlådans adress.",
    "data_folder": "Bara i en demonstration: mappen för allt den sparar.",
    "archive_folder": "Mapp där bilder av konton lämnas till arkivet, en mapp per kommun. Inget: de finns"
    " bara i databasen.",
    "secrets_dir": "Mappen med hemligheter: en fil per hemlighet, också plattformarnas nycklar"
    " (`exempelby-facebook`).",
    "staff_folder": "Mapp där varje kommun har en mapp med sin personallista.",
    "policy_folder": "Mapp med egna regelfiler, i `guidelines/` och `municipalities/`. De som följer med"
    " finns alltid.",
    "prefect_url": "Adressen där människor öppnar Prefects sidor, utan snedstreck sist: portalen länkar dit.",
    "desk_municipalities": "Kortnamn, med komma mellan, på dem vars översikter visas i Prefect. Tomt: alla.",
    "desk_seconds": "Så många sekunder går det minst mellan två skrivningar av samma sida på tavlan.",
    "desk_keep_days": "Så många dagar ligger det som fyllts i i Prefects formulär kvar där.",
    "alarm_url": "En webhook (Teams, Slack eller JSON) för larm, förbi breven. En hemlighet.",
    "metrics_token": "Det som den som läser /metrics ska kunna. Inget: ingen läser. En hemlighet.",
    "beat_seconds": "Med så många sekunders mellanrum säger varje del att den lever.",
    "worker_name": "Arbetarens namn, där flera går på samma dator. Inget: datorns namn.",
    "backup_folder": "Mapp där en säkerhetskopia läggs varje natt, och av `kanalvakt backup`. Inget: ingen"
    " kopia tas av sig själv.",
    "backup_keep": "Så många säkerhetskopior sparas; äldre kastas när en ny har tagits.",
    "lease_seconds": "Så många sekunder räknas en tyst arbetare ännu som den som kör sina körningar.",
    "heal_seconds": "Med så många sekunders mellanrum ser en arbetare efter körningar som en död har lämnat.",
    "heal_everything_seconds": "Med så många sekunders mellanrum ser en av arbetarna efter att varje"
    " konto har sin körning.",
    "municipalities_a_run": "Så många kommuner går en körning en rond för. Har installationen fler delas"
    " ronden upp på flera körningar, som går samtidigt på de arbetare som är lediga.",
}
