//! `reindex`.

use crate::cli::app::{App, prefixes};
use crate::cli::args::Reindex as Arguments;
use crate::cli::config::{RepoConfig, nearest};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome, spoken};
use crate::cli::output::{FAINT, GOOD, counted};
use crate::cli::progress::Progress;
use crate::cli::refusal::located;
use crate::models::{self, KeyValueSchema, SourceError};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use peristyle_query::schema::SchemaMeta;
use peristyle_redis::Redis;
use serde_json::{Value, json};

/// Builds the indexes that structs have and a key-value store lacks.
pub async fn reindex(app: &App, arguments: &Arguments) -> Outcome {
    let repos = match &arguments.url {
        Some(_) => vec![app.config.one(&app.global)?],
        None => app.config.chosen(&app.global)?,
    };
    let (single, mut reports, mut missing) = (repos.len() == 1, Vec::new(), None);
    let mut done = false;
    for config in repos {
        let url = match config.redis_url(arguments.url.as_deref()) {
            Ok(url) => url,
            Err(failure) if single => return Err(failure),
            Err(failure) => {
                missing = Some(failure);
                continue;
            }
        };
        let schemas = chosen(config, arguments)?;
        let repo = Redis::options(url).connect().await?;
        let label = app.label(config, None);
        for schema in &schemas {
            let meta = match &schema.meta {
                Ok(meta) => *meta,
                Err(error) if arguments.tables.is_empty() => {
                    left_out(app, &label, schema, &error.message);
                    continue;
                }
                Err(error) => return Err(mistake(config, error)),
            };
            reports.extend(tables(app, config, arguments, &repo, schema, meta).await?);
        }
        repo.close().await;
        done = true;
    }
    if let (false, Some(failure)) = (done, missing) {
        return Err(failure);
    }
    if arguments.json {
        app.output.json(&Value::Array(reports));
    }
    Ok(Exit::Done)
}

/// The structs that the command line names; all of them, if it names none.
fn chosen(config: &RepoConfig, arguments: &Arguments) -> Outcome<Vec<KeyValueSchema>> {
    let places = match arguments.schema_dir.is_empty() {
        true => (&config.models, config.root_or_here()),
        false => (&arguments.schema_dir, ".".into()),
    };
    let mut schemas = models::key_value_schemas(places.0, &places.1).map_err(|errors| match errors.first() {
        Some(first) => {
            let failure = mistake(config, first);
            errors.iter().skip(1).fold(failure, |failure, error| failure.note(format!("also {error}")))
        }
        None => Failure::new(Exit::Source, "the structs cannot be read"),
    })?;
    for table in &arguments.tables {
        if !schemas.iter().any(|schema| schema.table == *table) {
            let failure = Failure::usage(format!("no struct has the table `{table}`"));
            return Err(match nearest(table, schemas.iter().map(|schema| schema.table.as_str())) {
                Some(near) => failure.help(format!("did you mean {near}?")),
                None => failure.help("say where the structs are: --schema-dir src, or models in peristyle.toml"),
            });
        }
    }
    schemas.retain(|schema| arguments.tables.is_empty() || arguments.tables.contains(&schema.table));
    Ok(schemas)
}

/// Builds the indexes of a struct, in each prefix that it has.
async fn tables(
    app: &App,
    config: &RepoConfig,
    arguments: &Arguments,
    repo: &Repo,
    schema: &KeyValueSchema,
    meta: &'static SchemaMeta,
) -> Outcome<Vec<Value>> {
    let mut reports = Vec::new();
    let own = meta.prefix.is_some();
    let chosen = if own { vec![None] } else { prefixes(&arguments.prefix, config) };
    for prefix in chosen {
        let label = app.label(config, prefix.as_deref());
        if schema.prefix_required && prefix.is_none() {
            if arguments.tables.is_empty() {
                left_out(app, &label, schema, "each tenant has such a table: name them with --prefix");
                continue;
            }
            return Err(Failure::usage(format!("each tenant has a table `{}`", schema.table))
                .help("name them: --prefix acme, or prefixes = [..] in peristyle.toml"));
        }
        let tenant = match &prefix {
            Some(prefix) => repo.with_prefix(prefix),
            None => repo.clone(),
        };
        let (table, progress) = (schema.table.clone(), Progress::new(app.output, format!("reading {}", schema.table)));
        let says = progress.words();
        let run = tenant.reindex_table(meta).progress(move |rows| says(format!("reading {table}: {rows} rows")));
        let run = if arguments.rebuild { run.rebuild() } else { run };
        let result = run.await;
        drop(progress);
        let rows = match result {
            Ok(rows) => rows,
            Err(error @ Error::Unsupported(_)) if arguments.tables.is_empty() => {
                left_out(app, &label, schema, &spoken(&error));
                continue;
            }
            Err(error @ (Error::Unsupported(_) | Error::Decode(_))) => {
                return Err(Failure::new(Exit::Failed, format!("{}: {}", schema.table, spoken(&error))));
            }
            Err(error) => return Err(error.into()),
        };
        if arguments.json {
            reports.push(json!({ "repo": config.name, "prefix": prefix, "table": schema.table, "rows": rows }));
        } else if rows > 0 {
            let rows = counted(usize::try_from(rows).unwrap_or(usize::MAX), "row");
            app.output.say(format!("{label}{GOOD}reindexed{GOOD:#}  {}  {rows}", schema.table));
        } else {
            app.output.say(format!("{label}{FAINT}complete{FAINT:#}   {}", schema.table));
        }
    }
    Ok(reports)
}

fn left_out(app: &App, label: &str, schema: &KeyValueSchema, reason: &str) {
    app.output.note(format!("{label}{FAINT}left out   {} ({}): {reason}{FAINT:#}", schema.table, schema.site.name));
}

fn mistake(config: &RepoConfig, error: &SourceError) -> Failure {
    let path = config.root.join(&error.file).display().to_string();
    located(&path, error.line, error.column, &error.message)
}
