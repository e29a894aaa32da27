# The two commands of a newcomer: `make run` and `make test`. The rest is for development; `make help` lists all.
# PYTHON chooses the interpreter (3.11 or 3.12), PORT the port, ARGS further flags of `python -m runtime`.

PYTHON ?=
ARGS ?=
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --prefer-binary --no-compile -c constraints.txt
PINS := pyproject.toml constraints.txt Makefile
# Print the dependencies of the base runtime, or of the extras named.
NEEDS := $(PY) -c "import sys, tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
	print(*(p['dependencies'] if sys.argv[1:] == ['runtime'] else \
	[d for e in sys.argv[1:] for d in p['optional-dependencies'][e]]), sep='\n')"

.PHONY: help run test check setup bench gpu clean

help:
	@sed -n 's/^##  *//p' Makefile

##  make run      start the character on http://127.0.0.1:8080 (PORT=9000 make run takes another port)
run: $(VENV)/.runtime
	@exec $(PY) -m runtime --device edge $(ARGS)

##  make test     run all tests
test: $(VENV)/.dev
	@$(PY) -m pytest -n 2 --dist loadgroup

##  make check    lint, format, types, import rules
check: $(VENV)/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest tests/test_import_rules.py

##  make setup    everything for development into .venv
setup: $(VENV)/.dev $(VENV)/.setup

##  make bench    measure what benchmarks/budgets.toml promises
bench: $(VENV)/.dev
	@$(PY) -m benchmarks stages
	@$(PY) -m benchmarks latency

##  make gpu      put the CUDA build of ONNX Runtime in the place of the CPU build
gpu: $(VENV)/.runtime
	@$(NEEDS) gpu >$(VENV)/needs-gpu.txt
	@$(PIP) -r $(VENV)/needs-gpu.txt
	@touch $(VENV)/.gpu
	@$(call one_onnxruntime)
	@$(PY) -c "from runtime.core.device import check_onnxruntime as check; import sys; sys.exit(check())"

##  make clean    remove the environment and all caches
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Both builds write the same files, and faster-whisper asks for the CPU build: take both out, put the one wanted in.
define one_onnxruntime
	if [ -e $(VENV)/.gpu ]; then \
		$(PY) -m pip uninstall --quiet --disable-pip-version-check --yes onnxruntime onnxruntime-gpu && \
		$(PIP) --no-deps onnxruntime-gpu; \
	fi
endef

# mediapipe declares numpy 1, jax, PortAudio's binding and a second OpenCV; the runtime uses its compiled part, which needs
# none of them (runtime/perception/vision/library.py). So it is installed alone, and what it declares is struck out, or pip
# would complain of it ever after. Where it has no wheel, the character goes without eyes.
define eyes
	$(PIP) --no-deps --only-binary=:all: mediapipe 2>$(VENV)/eyes.log && $(PY) -c "import importlib.metadata as m; \
		path = next(f for f in m.files('mediapipe') if f.name == 'METADATA').locate(); \
		kept = [line for line in open(path, encoding='utf-8') if not line.startswith('Requires-Dist:')]; \
		open(path, 'w', encoding='utf-8').writelines(kept)" || \
		echo "mediapipe can't be installed here, so the character won't see: $(VENV)/eyes.log says why." >&2
endef

# pip compiles packages one after another (--no-compile leaves that out); this takes all cores, 2 s, and saves each
# start 1 s. A file that is no Python of this version (a template, say) is no failure.
define compile
	$(PY) -m compileall -q -q -j 0 $(VENV)/lib || true
endef

# A `python3.12` on the path may be a shim that fails, so each candidate is tried by running it.
$(PY):
	@for python in $(PYTHON) $(if $(PYTHON),,python3.12 python3.11 python3 python); do \
		if "$$python" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; \
		then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "No usable Python found$(if $(PYTHON),: PYTHON=$(PYTHON) is not one)." >&2; \
		echo "Install Python 3.11 or 3.12 with its venv module (Debian: apt install python3-venv)," >&2; \
		echo "or name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: $(PINS) | $(PY)
	@echo "Installing the runtime's packages into $(VENV); this is done once"
	@$(NEEDS) runtime >$(VENV)/needs-runtime.txt
	@$(PIP) -r $(VENV)/needs-runtime.txt
	@$(call eyes)
	@$(call one_onnxruntime)
	@$(call compile)
	@touch $@

# The tests train and export small nets, so they need torch; `make run` does not.
$(VENV)/.dev: $(VENV)/.runtime
	@echo "Installing what the tests need into $(VENV)"
	@$(NEEDS) dev training >$(VENV)/needs-dev.txt
	@$(PIP) -r $(VENV)/needs-dev.txt
	@$(call one_onnxruntime)
	@$(call compile)
	@touch $@

$(VENV)/.setup: $(VENV)/.dev
	@$(NEEDS) local asr tts >$(VENV)/needs-setup.txt
	@$(PIP) -r $(VENV)/needs-setup.txt
	@$(call one_onnxruntime)
	@$(call compile)
	@touch $@
