//! `db dump` and `db load`.

use crate::cli::app::App;
use crate::cli::args::{Dump, Load};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::Progress;
use crate::dump::{self, DumpError, DumpOptions};
use similar::TextDiff;
use std::path::Path;

impl From<DumpError> for Failure {
    fn from(error: DumpError) -> Self {
        match error {
            DumpError::Database(error) => Failure::from(*error),
            error => Failure::new(Exit::Refused, error.to_string()),
        }
    }
}

/// `db dump`.
pub async fn dump(app: &App, dump: &Dump) -> Outcome {
    let mut exit = Exit::Done;
    let chosen = match &dump.output {
        // One would replace the other.
        Some(_) if app.config.chosen(&app.global)?.len() > 1 => {
            return Err(Failure::usage("--output is for one repo: give one --repo"));
        }
        _ => app.config.chosen(&app.global)?,
    };
    for config in chosen {
        let connected = app.connect(config).await?;
        let options =
            DumpOptions { version_table: config.table.clone(), partial: dump.partial, ..DumpOptions::default() };
        let progress = Progress::new(app.output, format!("reading {}", connected.url));
        let script = dump::dump(&connected.repo, &options).await?;
        connected.repo.close().await;
        drop(progress);
        let path = dump.output.as_deref().unwrap_or(&config.dump);
        if path == Path::new("-") {
            app.output.raw(&script);
            continue;
        }
        // Git may have written other line ends.
        let known = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
        if dump.check && known != script {
            let diff = TextDiff::from_lines(&known, &script);
            let (shown, name) = (path.display().to_string(), connected.url.to_string());
            app.output.raw(&diff.unified_diff().context_radius(2).header(&shown, &name).to_string());
            exit = Exit::Found;
        } else if known == script {
            app.output.say(format!("same  {}", path.display()));
        } else {
            std::fs::write(path, script).map_err(|error| Failure::file(path, "written", &error))?;
            app.output.say(format!("wrote {}", path.display()));
        }
    }
    Ok(exit)
}

/// `db load`.
pub async fn load(app: &App, load: &Load) -> Outcome {
    let config = app.config.one(&app.global)?;
    let path = load.file.as_deref().unwrap_or(&config.dump);
    let script = std::fs::read_to_string(path)
        .map_err(|error| Failure::file(path, "read", &error).help("`peristyle db dump` writes it"))?;
    super::seed::refuse_transactions(path, &script, config.dialect()?)?;
    let connected = app.connect(config).await?;
    let progress = Progress::new(app.output, format!("loading {}", path.display()));
    dump::load(&connected.repo, &script).await.map_err(|error| {
        Failure::from(error).note(format!("{} was not loaded: nothing of it was kept", path.display()))
    })?;
    connected.repo.close().await;
    drop(progress);
    app.output.say(format!("loaded {}", path.display()));
    Ok(Exit::Done)
}
