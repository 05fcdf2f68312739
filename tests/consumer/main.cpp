// Uses the installed library: exits 0 when it works.
#include <sinew/base/tensor.h>
#include <sinew/graph/graph.h>

#include <cstdio>

int main() {
  const sinew::Shape shape{2, 3};
  if (shape.numel() != 6 || shape.str() != "(2, 3)") {
    std::fprintf(stderr, "a shape of the installed library is not right: %s\n", shape.str().c_str());
    return 1;
  }
  return 0;
}
