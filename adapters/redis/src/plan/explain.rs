//! Plans as text: the commands that observers see, and what `explain` says.

use super::text::Text;
use super::{Driver, IndexRead, Plan, Set, Source, Stretch};
use crate::layout::Table;
use crate::read::{Mode, Task};
use peristyle_query::query::ast::{BinaryOperator, Expression, OrderTerm, ParentKey, Step};
use peristyle_query::value::Value;

impl Plan {
    /// Whether limit and offset are those of each parent, if there are parents.
    pub(crate) fn gives_parents(&self, parents: Option<&[ParentKey]>) -> bool {
        match &self.source {
            Source::Index(IndexRead { driver: Driver::Ranges { by_parent, .. }, .. }) => {
                *by_parent || parents.is_none()
            }
            _ => parents.is_none(),
        }
    }

    /// Appends the commands. They depend on the query alone, not on its values.
    pub(crate) fn describe(&self, text: &mut Text, command: &str, directed: bool, order: &[OrderTerm]) {
        match &self.source {
            Source::Nothing => {
                text.push("NOTHING ").push(&tag(&self.table));
            }
            Source::Keys { conditions, .. } => self.keys(text, conditions),
            Source::Index(read) => {
                text.push(command).push(" ");
                match &read.driver {
                    Driver::Ranges { stretch, .. } => self.stretch(text, stretch),
                    Driver::Set(set) => self.set(text, set),
                };
                for filter in &read.filters {
                    text.push(" INTERSECT ");
                    self.set(text, filter);
                }
                if directed && !order.is_empty() {
                    text.push(" ORDER BY ").order(order);
                }
            }
        }
    }

    fn keys(&self, text: &mut Text, conditions: &[Expression]) {
        let tag = tag(&self.table);
        if let [condition] = conditions {
            match condition.as_slice() {
                [Step::Column(..), Step::Value { value, redact }, Step::Binary(BinaryOperator::Equal)] => {
                    text.push(&format!("GET {tag}:")).value(value.clone(), *redact);
                    return;
                }
                [Step::Column(..), Step::In { item, values, negated: false, redact }] => {
                    text.push(&format!("MGET {tag}:")).value(Value::Array(item, values.clone()), *redact);
                    return;
                }
                _ => {}
            }
        }
        text.push(&format!("MGET {tag}: WHERE ")).all(conditions);
    }

    fn stretch<'t>(&self, text: &'t mut Text, stretch: &Stretch) -> &'t mut Text {
        let suffix = self.table.indexes.get(stretch.index).map_or("/keys", |index| &index.suffix);
        text.push(&tag(&self.table)).push(suffix);
        if stretch.conditions.iter().all(Vec::is_empty) {
            return text;
        }
        text.push(" BYLEX ").list(stretch.conditions.iter(), " OR ", |text, conditions| text.all(conditions))
    }

    fn set<'t>(&self, text: &'t mut Text, set: &Set) -> &'t mut Text {
        let (word, sets) = match set {
            Set::Stretch(stretch) => return self.stretch(text, stretch),
            Set::Union(sets) => (" UNION ", sets),
            Set::Intersection(sets) => (" INTERSECT ", sets),
        };
        text.push("(").list(sets.iter(), word, |text, set| self.set(text, set)).push(")")
    }

    fn line(&self, set: impl FnOnce(&mut Text)) -> String {
        let mut text = Text::default();
        set(&mut text);
        text.text
    }
}

/// The tag of a table's keys; `*` stands for the number of a bucket.
pub(crate) fn tag(table: &Table) -> String {
    let part = table.parts().next().map(|part| part.0).unwrap_or_default();
    match (table.buckets, part.strip_suffix("0}")) {
        (2.., Some(name)) => format!("{name}*}}"),
        _ => part,
    }
}

impl Task<'_> {
    /// The plan in words, a line for each step.
    pub(crate) fn lines(&self) -> Vec<String> {
        let plan = &self.plan;
        let mut lines = Vec::new();
        match &plan.source {
            Source::Nothing => lines.push("nothing is read: no row can fulfil the condition".to_owned()),
            Source::Keys { conditions, .. } => {
                let conditions = plan.line(|text| {
                    text.all(conditions);
                });
                lines.push(format!("rows of {} by key: {conditions}", tag(&plan.table)));
            }
            Source::Index(read) => {
                lines.push(self.walk(read));
                for filter in &read.filters {
                    let set = plan.line(|text| {
                        plan.set(text, filter);
                    });
                    lines.push(format!("only rows that are in {set}"));
                }
                if plan.table.buckets > 1 {
                    lines.push(format!("in {} parts at once, merged here", plan.table.buckets));
                }
                lines.push(match self.mode {
                    Mode::Rows => "rows by MGET in the same script".to_owned(),
                    Mode::Count | Mode::Constants => "counted there, no row is read".to_owned(),
                });
            }
        }
        if let Some(most) = plan.most {
            lines.push(format!("at most {most} rows are read, more is an error"));
        }
        if plan.filters {
            let filter = plan.line(|text| {
                text.all(&plan.open);
            });
            lines.push(format!("filter the rows here: {filter}"));
        }
        if plan.sorts {
            let order = plan.line(|text| {
                text.order(&self.select.order_by);
            });
            lines.push(format!("sort the rows here: {order}"));
        }
        if self.select.limit.is_some() || self.select.offset.is_some() {
            lines.push(
                if self.done.limited { "limit and offset on the server" } else { "limit and offset here" }.to_owned(),
            );
        }
        lines
    }

    fn walk(&self, read: &IndexRead) -> String {
        let plan = &self.plan;
        match &read.driver {
            Driver::Set(set) => {
                let set = plan.line(|text| {
                    plan.set(text, set);
                });
                format!("the rows of {set}, in no order")
            }
            Driver::Ranges { stretch, groups, by_parent } => {
                let stretch = plan.line(|text| {
                    plan.stretch(text, stretch);
                });
                let merged = groups.iter().any(|group| group.merged_from.is_some());
                let direction = if read.reverse { ", from the end" } else { "" };
                let merged = if merged { ", ranges merged in order" } else { "" };
                let parents = if *by_parent { ", for each parent" } else { "" };
                format!("walk {stretch}{direction}{merged}{parents}")
            }
        }
    }
}
