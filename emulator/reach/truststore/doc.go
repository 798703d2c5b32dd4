// Package truststore puts an authority's certificate into the stores that programs of this machine trust by themselves,
// tells where it is, and takes it out again: the operating system's, NSS (Firefox, Chromium) and Java's.
//
// Everything is done by the tools that each system has for it (update-ca-certificates(8), update-ca-trust(8), trust(1),
// security(1), Windows' certutil, NSS's certutil, keytool(1)), in steps that can be printed instead of done. What was put
// where is kept in the folder trusted of the installation, by the certificate's SHA-256, so that what is taken out is what
// was put in, whatever authority the installation has since.
//
// All that touches the machine goes through Machine: plans for macOS and Windows are made, and tested, anywhere.
package truststore
