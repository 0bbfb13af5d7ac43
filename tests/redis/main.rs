//! What is Redis's own, on a server and on a Redis Cluster, a module per area.

mod associations;
mod connecting;
mod defaults;
mod edges;
mod layout;
mod lost;
mod model;
mod queries;
mod routing;
mod transactions;
mod upkeep;
mod writes;
