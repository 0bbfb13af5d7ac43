//! `migrate repair` and `migrate baseline`.

use crate::cli::app::{App, prefixes};
use crate::cli::args::{Baseline, Consent, Repair};
use crate::cli::config::RepoConfig;
use crate::cli::consent::{self, Ask};
use crate::cli::exit::Exit;
use crate::cli::failure::Outcome;
use crate::cli::output::{BAD, FAINT, GOOD, Output};
use crate::cli::prompt;
use crate::cli::watch::file;
use crate::runner::{Changed, Mark, Migrator, TextChange};
use similar::{ChangeTag, TextDiff};

/// `migrate repair`.
pub async fn repair(app: &App, repair: &Repair) -> Outcome {
    let config = app.config.one(&app.global)?;
    for (migrator, label) in migrators(app, config, &repair.prefix).await? {
        let up = repair.mark_up.map(|version| (version, Mark::Applied, "up".to_owned()));
        let down = repair.mark_down.map(|version| (version, Mark::Pending, "down".to_owned()));
        let done =
            repair.mark_done.map(|(version, count)| (version, Mark::Done(count), format!("done to statement {count}")));
        let mark = up.or(down).or(done);
        if let Some((version, mark, word)) = mark {
            allow(config, &repair.consent, &format!("record {version} as {word} in"))?;
            migrator.mark(version, mark).await?;
            app.output.say(format!("{label}{version} is recorded as {word}"));
            continue;
        }
        let changed = migrator.verify_checksums().await?;
        if changed.is_empty() {
            app.output.say(format!("{label}{FAINT}nothing to repair{FAINT:#}"));
            continue;
        }
        changed.iter().for_each(|changed| show(app.output, changed));
        if repair.dry_run {
            continue;
        }
        if !config.protected && !repair.consent.yes {
            prompt::confirm("Are these texts the ones that ran, from now on?", "--yes")?;
        }
        allow(config, &repair.consent, "accept changed migrations in")?;
        for changed in migrator.repair().await? {
            app.output.say(format!("{label}{GOOD}accepted{GOOD:#}  {}", file(&changed.migration)));
        }
    }
    Ok(Exit::Done)
}

/// `migrate baseline`.
pub async fn baseline(app: &App, baseline: &Baseline) -> Outcome {
    let config = app.config.one(&app.global)?;
    allow(config, &baseline.consent, "record migrations as run in")?;
    for (migrator, label) in migrators(app, config, &baseline.prefix).await? {
        for migration in migrator.baseline(baseline.version).await? {
            app.output.say(format!("{label}{GOOD}recorded{GOOD:#}  {}", file(&migration)));
        }
    }
    Ok(Exit::Done)
}

fn allow(config: &RepoConfig, consent: &Consent, deed: &str) -> Outcome<()> {
    let url = config.url()?;
    consent::obtain(Ask::IfProtected, &format!("{deed} the database {url}"), config, &url, consent)
}

/// A migrator for each prefix, with what stands before its lines.
async fn migrators(app: &App, config: &RepoConfig, given: &[String]) -> Outcome<Vec<(Migrator, String)>> {
    let connected = app.connect(config).await?;
    let migrator = app.migrator(&connected)?;
    let each = prefixes(given, config).into_iter().map(|prefix| {
        let label = app.label(config, prefix.as_deref());
        match &prefix {
            Some(prefix) => (migrator.clone().prefix(prefix), label),
            None => (migrator.clone(), label),
        }
    });
    Ok(each.collect())
}

/// What changed in a migration, as lines with - and +.
fn show(output: Output, changed: &Changed) {
    output.result(format!("{} ({})", file(&changed.migration), changed.place));
    for (way, change) in [("up", &changed.up), ("down", &changed.down)] {
        if let Some(change) = change {
            output.result(format!("  {FAINT}the way {way}{FAINT:#}"));
            lines(output, change);
        }
    }
}

fn lines(output: Output, change: &TextChange) {
    if change.before.is_empty() && !change.now.is_empty() {
        output.result(format!("  {FAINT}the text that ran was not kept{FAINT:#}"));
    }
    let diff = TextDiff::from_lines(change.before.trim_end(), change.now.trim_end());
    for change in diff.iter_all_changes() {
        let (style, sign) = match change.tag() {
            ChangeTag::Equal => (FAINT, ' '),
            ChangeTag::Delete => (BAD, '-'),
            ChangeTag::Insert => (GOOD, '+'),
        };
        let line = format!("{sign} {}", change.value().trim_end_matches(['\n', '\r']));
        output.result(format!("  {style}{}{style:#}", line.trim_end()));
    }
}
