# Model A in simmer: one trajectory, `renege_in` for the patience, monitoring of arrivals in memory.
#
# Recorded for each call: simmer's own record (name, start, end, activity time, finished, replication), read with
# `get_mon_arrivals`; monitoring of the resource is switched off. Calls still there at the end of the last day are not
# recorded. Times in minutes.
#
# Run as `Rscript simmer_a.R`; speaks the lines of worker.py.

suppressPackageStartupMessages(library(simmer))

simulate <- function(n_days, seed) {
  set.seed(seed)
  call <- trajectory() %>%
    renege_in(function() rexp(1, 1 / 4)) %>%
    seize("agents", 1) %>%
    renege_abort() %>%
    timeout(function() rexp(1, 1 / 3)) %>%
    release("agents", 1)
  centre <- simmer() %>%
    add_resource("agents", 50, mon = FALSE) %>%
    add_generator("call", call, function() rexp(1, 16)) %>%
    run(until = 1440 * n_days)
  get_mon_arrivals(centre)
}

cat("ready", as.character(packageVersion("simmer")), "\n")
flush(stdout())
input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  given <- as.numeric(strsplit(line, " ")[[1]])
  invisible(gc())
  before <- sum(proc.time()[1:2])
  records <- simulate(given[1], given[2])
  cpu <- sum(proc.time()[1:2]) - before
  waits <- records$end_time - records$start_time - records$activity_time
  cat(sprintf("%.17g %d %d %.17g\n", cpu, nrow(records), sum(!records$finished), 60 * sum(waits)))
  flush(stdout())
}
