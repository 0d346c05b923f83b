# Bytecode beside what is shipped, where Lambda's own Python is at hand: compiling takes a cold start longer than running it.
# "unchecked-hash", because archives change files' times; the seed, so that the same sources give the same bytes whoever builds.
# Where that Python is missing nothing is but time: Lambda compiles as it starts.

LAMBDA_PYTHON ?= python3.14
# Of whose files there is none, as compileall's -x takes it.
NO_BYTECODE ?= ^$$

# $(call bytecode,where it lies on AWS)
bytecode = if $(LAMBDA_PYTHON) -c pass 2>/dev/null; then PYTHONHASHSEED=0 $(LAMBDA_PYTHON) -m compileall -q \
  --invalidation-mode unchecked-hash -x '$(NO_BYTECODE)' -s "$(ARTIFACTS_DIR)" -p $(1) "$(ARTIFACTS_DIR)"; fi
