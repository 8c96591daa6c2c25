//! A PostgreSQL server of a test's own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A server in a folder, reached by a local socket only; stopped when it is dropped.
pub(crate) struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

impl Server {
    /// An empty database `geo` with PostGIS, of user `geo`. `None`, said aloud, where PostgreSQL or PostGIS are absent.
    pub(crate) fn start() -> Option<Server> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let programs = versions.map(|v| v.path().join("bin")).find(|bin| bin.join("initdb").is_file());
        let Some(programs) = programs else {
            println!("skipped: PostgreSQL is absent");
            return None;
        };
        let version = programs.parent()?.file_name()?.to_owned();
        let control = Path::new("/usr/share/postgresql").join(version).join("extension/postgis.control");
        if !control.is_file() {
            println!("skipped: PostGIS is absent");
            return None;
        }
        let server = Server { folder: tempfile::tempdir().unwrap(), programs };
        let data = server.folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        // PostgreSQL refuses to run as root.
        if is_root() {
            let status = Command::new("chown").arg("-R").arg("postgres").arg(server.folder.path()).status();
            assert!(status.unwrap().success());
        }
        let data = data.to_str().unwrap();
        let to_init = ["-D", data, "-U", "geo", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"];
        server.run_as_postgres("initdb", &to_init);
        // One role needs its password.
        let rules = server.folder.path().join("data/pg_hba.conf");
        let text = std::fs::read_to_string(&rules).unwrap();
        std::fs::write(&rules, format!("local all locked scram-sha-256\n{text}")).unwrap();
        server.begin();
        server.sql("postgres", "CREATE DATABASE geo");
        server.sql("geo", "CREATE EXTENSION postgis");
        Some(server)
    }

    fn begin(&self) {
        let socket = self.socket();
        let data = self.folder.path().join("data");
        let options = format!("-c listen_addresses='' -c unix_socket_directories='{socket}' -c fsync=off");
        let log = format!("{socket}/log");
        let args = ["-D", data.to_str().unwrap(), "-w", "-l", &log, "-o", &options, "start"];
        self.run_as_postgres("pg_ctl", &args);
    }

    fn end(&self) {
        let data = self.folder.path().join("data");
        self.run_as_postgres("pg_ctl", &["-D", data.to_str().unwrap(), "-w", "-m", "immediate", "stop"]);
    }

    /// Pulls the plug, and starts it again.
    pub(crate) fn crash_and_start(&self) {
        self.end();
        self.begin();
    }

    fn run_as_postgres(&self, program: &str, args: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let status = command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/").status();
        assert!(status.unwrap().success(), "{}", program.display());
    }

    /// Folder of the socket.
    pub(crate) fn socket(&self) -> String {
        self.folder.path().to_str().unwrap().to_string()
    }

    /// Address of the database, as an analysis file names it.
    pub(crate) fn address(&self) -> String {
        format!("postgresql:///geo?host={}&user=geo", self.socket())
    }

    /// Runs SQL by `psql`; what it prints.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        let socket = self.socket();
        let place = ["-h", &socket, "-U", "geo", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAt"];
        let output = Command::new("psql").args(place).args(["-c", sql]).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_string()
    }

    /// Copies a CSV file with a header into a table; the server reads it itself.
    pub(crate) fn copy_csv(&self, table: &str, columns: &str, csv: &str) {
        let file = self.folder.path().join("copied.csv");
        std::fs::write(&file, csv).unwrap();
        self.sql("geo", &format!("COPY {table} ({columns}) FROM '{}' CSV HEADER", file.display()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}
