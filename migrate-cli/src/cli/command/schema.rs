//! `schema pull` and `schema erd`.

use crate::catalog::Catalog;
use crate::cli::app::App;
use crate::cli::args::{Erd, Pull};
use crate::cli::config::nearest;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::Progress;
use crate::cli::schema_lock::describe;
use crate::{erd, pull};
use peristyle_query::statement::Dialect;
use std::path::Path;

/// `schema pull`.
pub async fn pull(app: &App, arguments: &Pull) -> Outcome {
    let (catalog, dialect) = catalog(app, &arguments.table).await?;
    let pulled = pull::pull(&catalog, dialect);
    pulled.notes.iter().for_each(|note| app.output.note(format!("note: {note}")));
    if let Some(path) = arguments.output.as_deref().filter(|path| path.exists() && !arguments.force) {
        return Err(Failure::new(Exit::Refused, format!("{} is there already", path.display()))
            .help("name another file, or replace it with --force"));
    }
    write(app, arguments.output.as_deref(), &pulled.source)
}

/// `schema erd`.
pub async fn erd(app: &App, arguments: &Erd) -> Outcome {
    let (catalog, dialect) = catalog(app, &arguments.table).await?;
    write(app, arguments.output.as_deref(), &erd::mermaid(&catalog, dialect))
}

/// What the database holds, of these tables alone if some are named.
async fn catalog(app: &App, tables: &[String]) -> Outcome<(Catalog, Dialect)> {
    let config = app.config.one(&app.global)?;
    let connected = app.connect(config).await?;
    let progress = Progress::new(app.output, format!("reading {}", connected.url));
    let mut catalog = describe(&connected.repo, config).await?;
    connected.repo.close().await;
    drop(progress);
    for name in tables {
        let mut known = catalog.tables.iter().map(|table| table.name.to_string());
        if !known.any(|known| known == *name) {
            let names: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
            let failure = Failure::usage(format!("there is no table `{name}`"));
            return Err(match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => failure.help(format!("did you mean {near}?")),
                None => failure,
            });
        }
    }
    if !tables.is_empty() {
        catalog.tables.retain(|table| tables.contains(&table.name.to_string()));
    }
    Ok((catalog, connected.url.dialect()))
}

fn write(app: &App, path: Option<&Path>, text: &str) -> Outcome {
    match path {
        None => app.output.raw(text),
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Failure::file(path, "written", &error))?;
            app.output.say(format!("wrote {}", path.display()));
        }
    }
    Ok(Exit::Done)
}
