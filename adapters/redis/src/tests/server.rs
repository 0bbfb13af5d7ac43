//! Servers of a test's own, for what must not happen to those that all tests share.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A Redis server that ends with this.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    settings: Vec<String>,
    child: Child,
}

impl Server {
    /// Starts a server with these settings: `--requirepass`, `secret`.
    pub fn start(settings: &[&str]) -> Server {
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect::<Vec<_>>();
        // Another program may take the port meanwhile.
        for _ in 0..20 {
            let port = free_port();
            let mut child = spawn(port, &settings);
            if answers(port, &mut child) {
                return Server { port, settings, child };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("redis-server does not start; is it installed?");
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A connection beside the adapter's.
    pub fn connection(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }

    /// Ends it as a crash would, which keeps nothing.
    pub fn crash(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after a crash.
    pub fn restart(&mut self) {
        self.child = spawn(self.port, &self.settings);
        assert!(answers(self.port, &mut self.child), "the server does not start again");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port whose companion for the bus of a cluster is free, too.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

fn spawn(port: u16, settings: &[String]) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.args(["--enable-debug-command", "yes", "--dir", "/tmp"]).args(settings);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("redis-server")
}

/// Waits until the server says anything, were it that a password is missing.
fn answers(port: u16, child: &mut Child) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
        match client.get_connection().and_then(|mut connection| redis::cmd("PING").exec(&mut connection)) {
            Err(error) if error.is_io_error() => std::thread::sleep(Duration::from_millis(20)),
            _ => return true,
        }
    }
    false
}

/// A cluster of three primaries.
pub struct OwnCluster {
    /// Its servers.
    pub servers: Vec<Server>,
    folder: std::path::PathBuf,
}

impl OwnCluster {
    /// Starts one, and waits until it is ready.
    pub fn start() -> OwnCluster {
        static COUNTER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("peristyle-redis-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let servers = (0..3).map(|number| {
            let nodes = folder.join(format!("nodes-{number}.conf"));
            Server::start(&["--cluster-enabled", "yes", "--cluster-config-file", nodes.to_str().unwrap()])
        });
        let cluster = OwnCluster { servers: servers.collect(), folder };
        let ranges = [(0, 5460), (5461, 10922), (10923, 16383)];
        for (server, (first, last)) in cluster.servers.iter().zip(ranges) {
            let mut connection = server.connection();
            redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(first).arg(last).exec(&mut connection).unwrap();
            for other in &cluster.servers {
                redis::cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(other.port).exec(&mut connection).unwrap();
            }
        }
        for server in &cluster.servers {
            wait_until("the cluster is ready", || {
                let info: String = redis::cmd("CLUSTER").arg("INFO").query(&mut server.connection()).unwrap();
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            });
        }
        cluster
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis+cluster://127.0.0.1:{}", self.servers[0].port)
    }

    /// The name of a node.
    pub fn id(&self, server: usize) -> String {
        redis::cmd("CLUSTER").arg("MYID").query(&mut self.servers[server].connection()).unwrap()
    }

    /// Runs CLUSTER SETSLOT on a server.
    pub fn set_slot(&self, server: usize, slot: u16, state: &str, node: &str) {
        let mut connection = self.servers[server].connection();
        redis::cmd("CLUSTER").arg("SETSLOT").arg(slot).arg(state).arg(node).exec(&mut connection).unwrap();
    }
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        self.servers.clear();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Waits for something that comes to be.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
