//! The rows that belong to many parents, in one statement.

use super::parents::distinct;
use super::rows::{Owners, RowSink};
use super::{Job, same_preloads};
use crate::error::{Error, QueryError};
use crate::query::Reading;
use crate::query::ast::{Expression, Operation, ParentKey, PerParent, Select, Step};
use crate::query::selected::KeyColumns;
use crate::repo::{Loading, Repo};
use crate::schema::{AssociationMeta, FieldMeta, SchemaMeta};
use crate::value::{DataType, Value};
use std::collections::{HashMap, HashSet};

/// A query for the rows of many parents, which lacks the parents' keys.
pub(crate) struct ChildPlan<Out> {
    /// The query; its limit and offset are those of each parent. Its paths are joins already.
    pub(crate) select: Select,
    /// The key of a row's parent, over the query's sources.
    pub(crate) parent: Vec<(Expression, &'static FieldMeta)>,
    /// The parent's own fields that this key equals.
    pub(crate) fields: Vec<&'static FieldMeta>,
    /// Where the parent's key is among the columns.
    pub(crate) key: KeyColumns,
    /// Where the row's own key is, if the statement may give a row of one parent more than once.
    pub(crate) identity: Option<KeyColumns>,
    pub(crate) reading: Reading<Out>,
    /// Where the rows are, if not where the parents are.
    pub(crate) repo: Option<Repo>,
    /// The association and the schema that has it.
    pub(crate) association: (&'static SchemaMeta, &'static AssociationMeta),
    /// The association, for messages.
    pub(crate) name: String,
    /// Whether the table of the parents is joined, whose columns a filter uses.
    pub(crate) joins_parents: bool,
}

/// How many keys one statement takes where each is a parameter of its own, below SQLite's limit of 32,766.
const KEYS_A_STATEMENT: usize = 16_000;

impl<Out: Send + 'static> ChildPlan<Out> {
    /// Reads the rows of parents with these keys; gives the rows and, for each, the position of its parent.
    pub(crate) async fn load(&self, loading: &Loading, keys: Vec<Vec<Value>>) -> Result<(Vec<Out>, Vec<usize>), Error> {
        self.check_types()?;
        let (distinct, of_keys) = distinct(keys);
        let (mut places, mut positions) = (HashMap::with_capacity(of_keys.len()), Vec::new());
        for (key, mut own) in of_keys {
            places.insert(key, positions.len()..positions.len() + own.len());
            positions.append(&mut own);
        }
        let loading = &self.loading(loading);
        let (mut rows, mut of_rows) = (Vec::new(), Vec::new());
        let mut owners = Owners {
            key: self.key.clone(),
            places,
            positions,
            identity: self.identity.clone(),
            seen: HashSet::new(),
            of_rows: Vec::new(),
        };
        if let Some(apart) = loading.apart(&self.select) {
            let (owner, association) = self.association;
            return Err(apart.refusal_of(owner, association, self.joins_parents));
        }
        loading.check_joins(&self.select, self.association, self.joins_parents)?;
        let inner = loading.clone().within_call();
        for (number, chunk) in distinct.chunks(self.chunk()).enumerate() {
            let loading = if number == 0 { loading } else { &inner };
            let sink = Box::new(RowSink::new(self.reading.clone(), Some(owners)));
            let outcome = loading.run(self.operation(chunk), sink).await?;
            let mut sink = RowSink::<Out>::back(outcome.sink)?;
            let Some(seen) = sink.take_owners() else { break };
            owners = seen;
            of_rows.append(&mut owners.of_rows);
            rows.append(&mut sink.finish(&inner).await?);
        }
        Ok((rows, of_rows))
    }

    /// Where these rows and what lies further in are read: in their own repo and prefix, if they have one.
    pub(crate) fn loading(&self, around: &Loading) -> Loading {
        let loading = self.repo.as_ref().map_or_else(|| around.clone(), |repo| around.elsewhere(repo));
        loading.in_prefix(self.select.source.prefix())
    }

    /// Whether another plan for the same output reads the same rows, with the same preloads.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let repos = match (&self.repo, &other.repo) {
            (Some(one), Some(other)) => one.is(other),
            (None, None) => true,
            _ => false,
        };
        let tails = match (&self.reading.tail, &other.reading.tail) {
            // Collections are not compared: they are in selections, each of which counts as one of its own.
            (Some(one), Some(other)) => {
                one.keys.is_empty() && other.keys.is_empty() && same_preloads(&one.preloads, &other.preloads)
            }
            (None, None) => true,
            _ => false,
        };
        repos && tails && self.name == other.name && self.select == other.select
    }

    fn chunk(&self) -> usize {
        let array = |field: &&FieldMeta| {
            matches!(field.data_type, DataType::I16 | DataType::I32 | DataType::I64 | DataType::Uuid)
        };
        if self.fields.iter().all(array) { usize::MAX } else { KEYS_A_STATEMENT }
    }

    /// The compiler checks the keys of schemas; a key-value pair of other types would find nothing, silently.
    fn check_types(&self) -> Result<(), Error> {
        for (own, (_, key)) in self.fields.iter().zip(&self.parent) {
            if own.data_type != key.data_type {
                return Err(QueryError::new(format!(
                    "{} cannot be loaded: the key `{}` is {}, but `{}` is {}",
                    self.name, own.name, own.data_type, key.name, key.data_type
                ))
                .into());
            }
        }
        Ok(())
    }

    fn operation(&self, keys: &[Vec<Value>]) -> Operation {
        let mut select = self.select.clone();
        let column = |index: usize| keys.iter().filter_map(|key| key.get(index)).cloned().collect::<Vec<Value>>();
        if select.limit.is_none() && select.offset.is_none() {
            // A key of several columns finds a superset, of which the sink keeps what belongs to a parent.
            for (index, (expression, field)) in self.parent.iter().enumerate() {
                let mut condition = expression.clone();
                let (item, values) = (&field.data_type, column(index));
                condition.push(Step::In { item, values, negated: false, redact: field.redact });
                select.filter.push(condition);
            }
            return Operation::Select(select);
        }
        let keys = self.parent.iter().enumerate().map(|(index, (expression, field))| ParentKey {
            field,
            expression: expression.clone(),
            values: column(index),
        });
        let keys = keys.collect();
        Operation::PerParent(Box::new(PerParent { select, keys, repeats: self.identity.is_some() }))
    }

    /// The same as a job.
    pub(crate) fn job<T: Send + 'static>(
        self: std::sync::Arc<Self>,
        loading: Loading,
        keys: Vec<Vec<Value>>,
        then: impl FnOnce(Vec<Out>, Vec<usize>) -> T + Send + 'static,
    ) -> Job {
        Box::pin(async move {
            let (rows, of_rows) = self.load(&loading, keys).await?;
            Ok(Box::new(then(rows, of_rows)) as super::Found)
        })
    }
}
