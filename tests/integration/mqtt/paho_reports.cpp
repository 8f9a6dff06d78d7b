// What the sanitizers say about Paho alone and not about us. Only that is left out, by the narrowest name that exists.
// Look again with a later Paho.

// Paho C 1.3.12 loses the commands that were in flight when a connection is destroyed: 600 bytes, all its own allocations.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier): LeakSanitizer's name
extern "C" const char* __lsan_default_suppressions() { return "leak:libpaho-mqtt3as\n"; }  // NOLINT(bugprone-reserved-identifier)

// ThreadSanitizer cannot see inside Paho's libraries, which are not instrumented:
// - A token is a shared_ptr that both sides count down. It does not see Paho's half of the count and takes the deletion for a race.
//   The Listener is the tests' own client of Paho, with the same tokens.
// - async_client::set_callback holds the client's lock and takes the library's, a finished request the other way round. We set
//   callbacks only on a client that has no request yet, so the two never meet.
// Races of our own callbacks have none of these names and are reported.
extern "C" const char* __tsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier): ThreadSanitizer's name
extern "C" const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "race:mqtt::async_client::remove_token\n"
         "race:mqtt::token::on_success5\n"
         "race:mqtt::token::on_failure5\n"
         "race:mqtt::delivery_token::~delivery_token\n"
         "race:rbamp::mqtt::Listener::Impl::~Impl\n"
         "deadlock:libpaho-mqtt3as\n";
}
