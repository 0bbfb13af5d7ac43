//! What a query would do.

use super::Reader;
use super::task::Task;
use crate::plan::refusal::unsupported;
use crate::plan::text::Text;
use crate::row::{Cell, Cells};
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Explain, ExplainFormat, Operation, Select, Source};
use peristyle_query::value::Value;

impl Reader<'_> {
    /// What is shown to observers, and the answer: text, line by line, or one JSON document.
    pub(super) fn explain(&self, operation: &Operation, options: &Explain) -> Result<(Text, Vec<Value>), Error> {
        if options.analyze {
            return Err(unsupported("explain(..).analyze()", "explain without it, and measure the query itself"));
        }
        let (lines, mut text) = match operation {
            Operation::Select(select) => (self.lines(select)?, self.text(select)?),
            Operation::PerParent(children) => {
                let shaped = self.shaped_select(&children.select, &mut Text::default())?;
                let task = Task::new(self, &shaped, Some(&children.keys))?;
                (task.lines(), self.per_parent_text(children)?)
            }
            _ => return Err(unsupported("plans of writes", "explain the query that finds the rows")),
        };
        let commands = text.text.clone();
        let values = text.parameters.iter().map(ToString::to_string).collect::<Vec<_>>();
        let answer = match options.format {
            ExplainFormat::Text => {
                let mut answer = lines;
                answer.push(commands);
                if !values.is_empty() {
                    answer.push(format!("-- [{}]", values.join(", ")));
                }
                answer.into_iter().map(Value::Text).collect()
            }
            ExplainFormat::Json => {
                vec![Value::Json(serde_json::json!({ "plan": lines, "commands": commands, "values": values }))]
            }
            ExplainFormat::Yaml => return Err(unsupported("plans in YAML", "take them as text or as JSON")),
        };
        text.text = format!("EXPLAIN {}", text.text);
        Ok((text, answer))
    }

    /// The plan of a query in words.
    fn lines(&self, select: &Select) -> Result<Vec<String>, Error> {
        if let Source::Subquery(inner) = &select.source {
            let mut lines = self.lines(inner)?;
            lines.push("run the query around it over these rows".to_owned());
            return Ok(lines);
        }
        let mut inner = Text::default();
        let shaped = self.shaped_select(select, &mut inner)?;
        let mut lines = Vec::new();
        if !inner.text.is_empty() {
            lines.push("run the inner queries first".to_owned());
        }
        lines.extend(Task::new(self, &shaped, None)?.lines());
        Ok(lines)
    }
}

/// Pushes the answer into a sink, a row for each line.
pub(super) fn give(lines: Vec<Value>, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
    let rows = lines.len() as u64;
    for line in lines {
        sink.row(&Cells::new(vec![Cell::Value(line)]))?;
    }
    Ok(Outcome { sink, rows })
}
