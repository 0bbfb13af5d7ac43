//! EXPLAIN.

use crate::target::Target;
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Explain, ExplainFormat};

/// What stands before a statement that is to be explained.
pub(crate) fn prefix(target: Target, explain: Explain) -> Result<String, Error> {
    let Explain { analyze, verbose, format } = explain;
    if target == Target::Sqlite {
        return if explain == Explain::default() {
            Ok("EXPLAIN QUERY PLAN ".to_owned())
        } else {
            let instead = "it only describes the plan: use repo.explain(..) alone";
            Err(unsupported(target.name(), "EXPLAIN with .analyze(), .verbose(), .json() or .yaml()", instead))
        };
    }
    let options = [
        analyze.then_some("ANALYZE"),
        verbose.then_some("VERBOSE"),
        match format {
            ExplainFormat::Text => None,
            ExplainFormat::Json => Some("FORMAT JSON"),
            ExplainFormat::Yaml => Some("FORMAT YAML"),
        },
    ];
    let options: Vec<&str> = options.into_iter().flatten().collect();
    Ok(if options.is_empty() { "EXPLAIN ".to_owned() } else { format!("EXPLAIN ({}) ", options.join(", ")) })
}
