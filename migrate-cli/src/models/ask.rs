//! Asks Postgres how it writes what structs say.

use super::{Models, Question, Spellings, Subject, adopt, questions};
use crate::catalog::{Catalog, Column, ColumnType, ObjectName, Table};
use crate::ddl;
use crate::diff::same;
use crate::introspect;
use peristyle_query::error::Error;
use peristyle_query::repo::{Repo, TrustedSql};
use peristyle_query::statement::Dialect;
use peristyle_sql::quoted;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What Postgres answered.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// How it writes what it was asked for.
    pub spellings: Spellings,
    /// What it refused.
    pub refused: Vec<Refused>,
    /// Why it could not be asked: the user may make no temporary tables, or only read.
    pub unavailable: Option<String>,
}

/// Something of a struct that Postgres refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What it was asked.
    pub question: Question,
    /// What it said.
    pub message: String,
    /// Whether it names something that the database does not have, and a migration may make first: a function, a type.
    pub is_missing: bool,
}

/// Asks Postgres how it writes the conditions, defaults and types of structs that are spelt otherwise in `current`.
///
/// They are given to temporary tables with the columns that the structs lead to, in transactions that are rolled back. That
/// takes about ten statements, however many conditions there are. Other stores are not asked.
///
/// # Errors
///
/// A lost connection, or a row of the catalog that cannot be read.
pub async fn ask(repo: &Repo, models: &Models, current: &Catalog) -> Result<Asked, Error> {
    let mut asked = Asked::default();
    if repo.dialect() != Some(Dialect::Postgres) {
        return Ok(asked);
    }
    let questions = questions(models, current, Dialect::Postgres);
    let wanted = adopt(models, current, Dialect::Postgres).catalog;
    let prefixes: BTreeSet<Option<String>> = questions.iter().map(|question| question.table.prefix.clone()).collect();
    // Temporary tables share one database schema, so that those of one prefix are made at a time.
    for prefix in prefixes {
        let questions = questions.iter().filter(|question| question.table.prefix == prefix).collect();
        let mut inquiry = Inquiry { questions, wanted: &wanted, models, asked: asked.clone() };
        let outcome: Result<(), Error> = repo
            .transaction(async |repo: Repo| {
                let asked = match inquiry.run(&repo).await {
                    Ok(()) => inquiry.asked.clone(),
                    Err(Error::Database(error)) => Asked { unavailable: Some(error.message.clone()), ..asked.clone() },
                    Err(error) => return Err(error),
                };
                Err(Error::rollback(asked))
            })
            .await;
        if let Err(error) = outcome {
            asked = error.rollback_value::<Asked>().cloned().ok_or(error)?;
        }
        if asked.unavailable.is_some() {
            break;
        }
    }
    Ok(asked)
}

/// Runs statements, each of which may fail.
const RUN: &str = include_str!("run_each.sql");

#[derive(Deserialize)]
struct Failed {
    statement: usize,
    code: String,
    message: String,
}

struct Inquiry<'a> {
    questions: Vec<&'a Question>,
    wanted: &'a Catalog,
    models: &'a Models,
    asked: Asked,
}

/// A text that a temporary table is given, under the name of its number.
struct Probe<'a> {
    table: &'a ObjectName,
    subject: &'a Subject,
    sql: String,
    /// The question, if it is the text of a struct.
    question: Option<&'a Question>,
}

impl<'a> Inquiry<'a> {
    async fn run(&mut self, repo: &Repo) -> Result<(), Error> {
        let names: BTreeSet<&'a ObjectName> = self.questions.iter().map(|question| &question.table).collect();
        let tables: Vec<&'a Table> = names.into_iter().filter_map(|name| self.wanted.table(name)).collect();
        let lacking = self.make_tables(repo, &tables).await?;
        if self.asked.unavailable.is_some() {
            return Ok(());
        }
        let mut probes = Vec::new();
        for question in &self.questions {
            let (table, subject) = (&question.table, &question.subject);
            probes.push(Probe { table, subject, sql: question.sql.clone(), question: Some(question) });
            // A dump that was loaded has them as Postgres wrote them once, and then wrote anew.
            let candidates = question.candidates.iter();
            probes.extend(candidates.map(|sql| Probe { table, subject, sql: sql.clone(), question: None }));
        }
        let answers = self.probe(repo, &probes, 0, &lacking).await?;
        for (number, probe) in probes.iter().enumerate() {
            if let Some(answer) = answers.get(&name(number)) {
                self.keep(probe, answer);
            }
        }
        // What comes of the text that Postgres wrote, for the same reason.
        let again: Vec<Probe<'_>> = self.questions.iter().filter_map(|question| self.follow_up(question)).collect();
        if again.is_empty() {
            return Ok(());
        }
        let answers = self.probe(repo, &again, probes.len(), &lacking).await?;
        for (number, probe) in again.iter().enumerate() {
            if let (Some(question), Some(Answer::Condition(form))) =
                (probe.question, answers.get(&name(probes.len() + number)))
            {
                let known = self.asked.spellings.table_mut(probe.table);
                known.conditions.entry(question.sql.clone()).or_default().push(form.clone());
            }
        }
        Ok(())
    }

    /// Makes the tables, and gives those that lack a column, whose type the database does not have.
    async fn make_tables(&mut self, repo: &Repo, tables: &[&'a Table]) -> Result<BTreeSet<ObjectName>, Error> {
        let mut statements = self.enum_types(repo).await?;
        let mut owners = vec![None; statements.len()];
        for table in tables {
            statements.push(format!("create temporary table {} ()", quoted(&table.name.name)));
            owners.push(None);
            for column in &table.columns {
                let (name, column_type) = (quoted(&column.name), type_of(&column.column_type));
                statements.push(format!("alter table {} add column {name} {column_type}", temporary(&table.name)));
                owners.push(Some(&table.name));
            }
        }
        let mut lacking = BTreeSet::new();
        for failed in run_each(repo, &statements).await? {
            match owners.get(failed.statement).copied().flatten() {
                Some(table) if !is_forbidden(&failed.code) => {
                    lacking.insert(table.clone());
                }
                _ => self.asked.unavailable = self.asked.unavailable.take().or(Some(failed.message)),
            }
        }
        Ok(lacking)
    }

    /// Makes the enum types of structs that the database does not have, or not with all their values.
    async fn enum_types(&self, repo: &Repo) -> Result<Vec<String>, Error> {
        let enums = super::catalog(self.models, Dialect::Postgres).enums;
        if enums.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = enums.iter().map(|each| each.name.quoted()).collect();
        let query = "select array(select e.enumlabel::text from pg_enum e where e.enumtypid = to_regtype(n.name)) \
                     from unnest({}::text[]) with ordinality n(name, place) order by n.place";
        let known: Vec<Vec<String>> = repo.sql::<Vec<String>>(TrustedSql::template(query)).bind((names,)).await?;
        let lacking =
            enums.iter().zip(known).filter(|(each, known)| each.values.iter().any(|own| !known.contains(own)));
        let create = |each: &crate::catalog::EnumType| {
            let values: Vec<String> = each.values.iter().map(|value| peristyle_sql::text_literal(value)).collect();
            format!("create type {} as enum ({})", temporary(&each.name), values.join(", "))
        };
        Ok(lacking.map(|(each, _)| create(each)).collect())
    }

    async fn probe(
        &mut self,
        repo: &Repo,
        probes: &[Probe<'a>],
        first: usize,
        lacking: &BTreeSet<ObjectName>,
    ) -> Result<BTreeMap<String, Answer>, Error> {
        let statements: Vec<String> =
            probes.iter().enumerate().map(|(number, probe)| self.statement(probe, &name(first + number))).collect();
        for failed in run_each(repo, &statements).await? {
            let Some(probe) = probes.get(failed.statement) else { continue };
            if let Some(question) = probe.question.filter(|_| first == 0) {
                let is_missing = lacking.contains(probe.table) || is_missing(&failed.code);
                let question = question.clone();
                self.asked.refused.push(Refused { question, message: failed.message, is_missing });
            }
        }
        let mut answers = BTreeMap::new();
        for table in introspect::temporary_tables(repo).await? {
            answers.extend(
                table.checks.into_iter().filter_map(|check| Some((check.name?, Answer::Condition(check.condition)))),
            );
            let filters = table.indexes.into_iter();
            answers.extend(filters.filter_map(|index| Some((index.name, Answer::Condition(index.filter?)))));
            answers
                .extend(table.columns.into_iter().map(|column| (column.name.clone(), Answer::Column(column.into()))));
        }
        Ok(answers)
    }

    fn statement(&self, probe: &Probe<'_>, name: &str) -> String {
        let (table, name, sql) = (temporary(probe.table), quoted(name), &probe.sql);
        match probe.subject {
            // A comment at the end of a condition ends with its line.
            Subject::Check(_) => format!("alter table {table} add constraint {name} check ({sql}\n)"),
            Subject::Filter(_) => format!("create index {name} on {table} ((1)) where {sql}"),
            Subject::Type(_) => format!("alter table {table} add column {name} {sql}"),
            Subject::Default(column) => {
                let wanted = self.wanted.table(probe.table).and_then(|table| table.column(column));
                let column_type = wanted.map_or_else(|| "text".to_owned(), |column| type_of(&column.column_type));
                format!("alter table {table} add column {name} {column_type} default {sql}")
            }
        }
    }

    fn keep(&mut self, probe: &Probe<'_>, answer: &Answer) {
        let known = self.asked.spellings.table_mut(probe.table);
        match (probe.subject, answer) {
            (Subject::Check(_) | Subject::Filter(_), Answer::Condition(form)) => {
                known.conditions.entry(probe.sql.clone()).or_insert_with(|| vec![form.clone()]);
            }
            (Subject::Default(column), Answer::Column(answer)) => {
                known.defaults.extend(answer.default.clone().map(|default| (column.clone(), default)));
            }
            (Subject::Type(column), Answer::Column(answer)) => {
                known.types.insert(column.clone(), answer.column_type.clone());
            }
            _ => {}
        }
    }

    /// The text that Postgres wrote for a condition, if that is not what the database has.
    fn follow_up(&self, question: &'a Question) -> Option<Probe<'a>> {
        let known = self.asked.spellings.table(&question.table)?;
        let form = known.conditions.get(&question.sql)?.first()?;
        let same =
            |own: &String| self.asked.spellings.same_condition(&question.table, &question.sql, own, Dialect::Postgres);
        if question.candidates.iter().any(same) {
            return None;
        }
        let (table, subject) = (&question.table, &question.subject);
        Some(Probe { table, subject, sql: form.clone(), question: Some(question) })
    }
}

enum Answer {
    Condition(String),
    Column(Box<Column>),
}

/// Runs each of the statements, in two round trips, and gives those that failed.
async fn run_each(repo: &Repo, statements: &[String]) -> Result<Vec<Failed>, Error> {
    let given = serde_json::Value::from(statements).to_string();
    repo.sql::<String>("select set_config('peristyle.statements', {}, true)").bind((given,)).await?;
    repo.script(RUN).await?;
    let failed = repo.sql::<String>("select current_setting('peristyle.failed')").one().await?.unwrap_or_default();
    Ok(serde_json::from_str(&failed).unwrap_or_default())
}

/// The name of what is made, which no column of a struct has.
fn name(number: usize) -> String {
    format!("peristyle probe {number}")
}

fn temporary(name: &ObjectName) -> String {
    format!("pg_temp.{}", quoted(&name.name))
}

/// A type without what makes a sequence.
fn type_of(column_type: &ColumnType) -> String {
    match same::type_name(column_type, Dialect::Postgres).as_str() {
        plain @ ("bigint" | "integer" | "smallint") => plain.to_owned(),
        _ => ddl::column_type(column_type, Dialect::Postgres),
    }
}

/// Whether the user may not do it: insufficient_privilege, read_only_sql_transaction.
fn is_forbidden(code: &str) -> bool {
    ["42501", "25006"].contains(&code)
}

/// Whether something is not there: undefined_function, undefined_object, invalid_schema_name, undefined_table.
fn is_missing(code: &str) -> bool {
    ["42883", "42704", "3F000", "42P01"].contains(&code)
}
