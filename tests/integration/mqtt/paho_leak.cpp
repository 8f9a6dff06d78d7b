// Paho C 1.3.12 loses the commands that were in flight when a connection is destroyed: 600 bytes, all its own allocations. Only
// that library is left out; what leaks in our code is still reported. Look again with a later Paho.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier): LeakSanitizer's name
extern "C" const char* __lsan_default_suppressions() { return "leak:libpaho-mqtt3as\n"; }  // NOLINT(bugprone-reserved-identifier)
