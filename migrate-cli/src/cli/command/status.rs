//! `migrate status`.

use crate::cli::app::{App, prefixes};
use crate::cli::args;
use crate::cli::exit::Exit;
use crate::cli::failure::Outcome;
use crate::cli::output::{BAD, FAINT, GOOD, WARN, columns};
use crate::cli::watch::time;
use crate::runner::{StatusEntry, StatusState};
use anstyle::Style;
use serde_json::{Value, json};
use std::time::Duration;

/// Lists the migrations, and which of them ran.
pub async fn status(app: &App, args: &args::Status) -> Outcome {
    let (mut clean, mut reports) = (true, Vec::new());
    for config in app.config.chosen(&app.global)? {
        let connected = app.connect(config).await?;
        let migrator = app.migrator(&connected)?;
        for prefix in prefixes(&args.prefix, config) {
            let migrator = match &prefix {
                Some(prefix) => migrator.clone().prefix(prefix),
                None => migrator.clone(),
            };
            let status = migrator.status().await?;
            clean &= status.is_clean();
            if args.json {
                let entries: Vec<Value> = status.entries.iter().map(as_json).collect();
                reports.push(json!({ "repo": config.name, "prefix": prefix, "migrations": entries }));
                continue;
            }
            app.output.note(format!("{FAINT}{}{}{FAINT:#}", app.label(config, prefix.as_deref()), connected.url));
            let rows: Vec<Vec<String>> = status.entries.iter().map(row).collect();
            if rows.is_empty() {
                app.output.result("no migrations");
            } else {
                app.output.raw(&table(&rows, &status.entries));
            }
            summary(app, status.pending().count());
        }
        connected.repo.close().await;
    }
    if args.json {
        app.output.json(&Value::Array(reports));
    }
    Ok(if args.exit_code && !clean { Exit::Found } else { Exit::Done })
}

fn summary(app: &App, pending: usize) {
    match pending {
        0 => {}
        1 => app.output.note("1 is pending: `peristyle migrate up` runs it"),
        count => app.output.note(format!("{count} are pending: `peristyle migrate up` runs them")),
    }
}

fn row(entry: &StatusEntry) -> Vec<String> {
    let duration = entry.duration_ms.filter(|_| entry.state != StatusState::Baseline);
    vec![
        describe(entry.state).1.to_owned(),
        entry.migration.version.to_string(),
        entry.migration.name.clone(),
        entry.applied_at.map_or_else(String::new, |time| time.format("%Y-%m-%d %H:%M:%S").to_string()),
        duration.map_or_else(String::new, |millis| time(Duration::from_millis(millis))),
    ]
}

/// The table, with the states in colours.
fn table(rows: &[Vec<String>], entries: &[StatusEntry]) -> String {
    let plain = columns(&["state", "version", "name", "applied at (UTC)", "took"], rows);
    let mut lines = plain.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    for (line, entry) in lines.zip(entries) {
        let (style, word) = describe(entry.state);
        text += &format!("{style}{word}{style:#}{}\n", &line[word.len().min(line.len())..]);
    }
    text
}

fn describe(state: StatusState) -> (Style, &'static str) {
    match state {
        StatusState::Applied => (GOOD, "up"),
        StatusState::Baseline => (GOOD, "baseline"),
        StatusState::Changed => (BAD, "changed"),
        StatusState::Missing => (BAD, "missing"),
        StatusState::Pending => (WARN, "pending"),
        StatusState::OutOfOrder => (WARN, "out of order"),
        StatusState::StoppedUp(_) => (BAD, "stopped up"),
        StatusState::StoppedDown(_) => (BAD, "stopped down"),
    }
}

fn as_json(entry: &StatusEntry) -> Value {
    let done = match entry.state {
        StatusState::StoppedUp(done) | StatusState::StoppedDown(done) => Some(done),
        _ => None,
    };
    json!({
        "version": entry.migration.version,
        "name": entry.migration.name,
        "state": describe(entry.state).1.replace(' ', "_"),
        "statements_done": done,
        "file": entry.place,
        "applied_at": entry.applied_at.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        "duration_ms": entry.duration_ms,
        "applied_by": entry.applied_by,
    })
}
