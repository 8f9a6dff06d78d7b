// rbampctl: hands its arguments to ctl/, nothing else.
#include <iostream>
#include <string>
#include <vector>

#include "ctl/program.hpp"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);  // an export writes millions of lines
  auto terminal = rbamp::ctl::Terminal::of_process();
  rbamp::KernelClock clock;
  return rbamp::ctl::run({argv + 1, argv + argc}, terminal, clock);
}
