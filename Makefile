# Installs deadlined from source, and builds its Debian package. `make` builds; see README.md.
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
SCRATCH ?= .build
VERSION := $(shell sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/Messages/Product.swift)
BINARY = $(SCRATCH)/release/deadlined
SHARE = $(SCRATCH)/share
SOURCES = $(shell find Sources Package.swift -type f)

all: $(BINARY) $(SHARE)/made

# The Swift runtime is linked in; symbols are bound at the start, and the table of them is then read-only.
$(BINARY): $(SOURCES)
	swift build -c release --static-swift-stdlib --product deadlined --scratch-path $(SCRATCH) -Xlinker -z -Xlinker now
	touch $@

# What the program says of itself.
$(SHARE)/made: $(BINARY) Packaging/manual.py
	mkdir -p $(SHARE)
	$(BINARY) --generate-completion-script bash | sed 1d >$(SHARE)/deadlined.bash
	$(BINARY) --generate-completion-script zsh >$(SHARE)/_deadlined
	$(BINARY) --generate-completion-script fish >$(SHARE)/deadlined.fish
	$(BINARY) schema main >$(SHARE)/deadlined.schema.json
	$(BINARY) schema issues >$(SHARE)/issues.schema.json
	python3 Packaging/manual.py $(BINARY) $(VERSION) $(SHARE)
	touch $@

# A configuration that is there is somebody's.
install: all
	install -D -m 0755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/deadlined
	strip $(DESTDIR)$(PREFIX)/bin/deadlined
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSCONFDIR)/deadlined/issues.d
	sed 's|/usr/bin/deadlined|$(PREFIX)/bin/deadlined|g' systemd/deadlined.service >$(DESTDIR)$(UNITDIR)/deadlined.service
	chmod 0644 $(DESTDIR)$(UNITDIR)/deadlined.service
	install -D -m 0644 systemd/deadlined.sysusers $(DESTDIR)$(SYSUSERSDIR)/deadlined.conf
	[ -e $(DESTDIR)$(SYSCONFDIR)/deadlined/deadlined.yaml ] || \
	    install -m 0644 Sources/deadlined/Sample/deadlined.yaml $(DESTDIR)$(SYSCONFDIR)/deadlined/deadlined.yaml
	[ -d $(DESTDIR)$(SYSCONFDIR)/deadlined/credentials ] || install -d -m 0700 $(DESTDIR)$(SYSCONFDIR)/deadlined/credentials
	install -D -m 0644 Config/issues.d/ijms-212097.yaml $(DESTDIR)$(PREFIX)/share/doc/deadlined/examples/ijms-212097.yaml
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/deadlined $(SHARE)/deadlined.schema.json $(SHARE)/issues.schema.json
	install -D -m 0644 $(SHARE)/deadlined.1 $(DESTDIR)$(PREFIX)/share/man/man1/deadlined.1
	install -D -m 0644 $(SHARE)/deadlined.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/deadlined.yaml.5
	install -D -m 0644 $(SHARE)/deadlined.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/deadlined
	install -D -m 0644 $(SHARE)/_deadlined $(DESTDIR)$(ZSHDIR)/_deadlined
	install -D -m 0644 $(SHARE)/deadlined.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/deadlined.fish

# Configuration and journal stay.
uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/bin/deadlined $(DESTDIR)$(UNITDIR)/deadlined.service $(DESTDIR)$(SYSUSERSDIR)/deadlined.conf \
	    $(DESTDIR)$(PREFIX)/share/deadlined $(DESTDIR)$(PREFIX)/share/doc/deadlined \
	    $(DESTDIR)$(PREFIX)/share/man/man1/deadlined.1 $(DESTDIR)$(PREFIX)/share/man/man5/deadlined.yaml.5 \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/deadlined $(DESTDIR)$(ZSHDIR)/_deadlined \
	    $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/deadlined.fish

# The package is $(SCRATCH)/deadlined_VERSION_ARCHITECTURE.deb.
deb:
	@command -v dh >/dev/null || { echo "debhelper is missing: apt-get install debhelper" >&2; exit 69; }
	@[ "$$(dpkg-parsechangelog -S Version)" = "$(VERSION)" ] || \
	    { echo "debian/changelog has another version than Sources/Messages/Product.swift ($(VERSION))" >&2; exit 65; }
	dpkg-checkbuilddeps
	DEB_RULES_REQUIRES_ROOT=no SCRATCH=$(abspath $(SCRATCH)) debian/rules binary
	debian/rules clean

.PHONY: all install uninstall deb
