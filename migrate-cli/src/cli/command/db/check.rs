//! `db check`.

use crate::cli::app::App;
use crate::cli::args::Check;
use crate::cli::command::models::{self, Differences};
use crate::cli::command::spelling::{self, Asker};
use crate::cli::exit::Exit;
use crate::cli::failure::Outcome;
use crate::cli::output::{BAD, GOOD};
use crate::cli::schema_lock::describe;
use serde_json::{Value, json};

/// Compares the database with the structs.
pub async fn check(app: &App, arguments: &Check) -> Outcome {
    let (mut found, mut reports) = (false, Vec::new());
    for config in app.config.chosen(&app.global)? {
        let models = models::needed(config)?;
        let connected = app.connect(config).await?;
        let catalog = describe(&connected.repo, config).await?;
        let mut asker = Asker::of(config, &connected.repo);
        let Differences { sentences: differences, notes } =
            models::differences(config, &models, &catalog, &mut asker).await?;
        connected.repo.close().await;
        found |= !differences.is_empty();
        let label = app.label(config, None);
        spelling::print(app, &label, &notes);
        if arguments.json {
            reports.push(json!({ "repo": config.name, "differences": differences }));
        } else if differences.is_empty() {
            app.output.say(format!("{label}{GOOD}the structs and {} agree{GOOD:#}", connected.url));
        } else {
            differences.iter().for_each(|line| app.output.result(format!("{label}{BAD}differs{BAD:#}  {line}")));
        }
    }
    if arguments.json {
        app.output.json(&Value::Array(reports));
    }
    Ok(if found { Exit::Found } else { Exit::Done })
}
