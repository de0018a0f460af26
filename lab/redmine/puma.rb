# frozen_string_literal: true

# Two workers of four threads, loaded once and forked: half the start-up time of two that load by themselves.
bind "tcp://127.0.0.1:#{ENV.fetch('LAB_PORT')}"
environment 'production'
workers 2
threads 4, 4
preload_app!
silence_single_worker_warning
before_fork { ActiveRecord::Base.connection_pool.disconnect! }
