# Linarite as an image: a static binary, and a folder for its keys.
#
#   docker build -t linarite:dev .                                   # compiles in a container
#   make build && docker build -t linarite:dev --target prebuilt .   # takes bin/linarite: no network, no other image
#   docker run -p 127.0.0.1:4280:4280 -p 127.0.0.1:4443:4443 -p 127.0.0.1:10000:10000 linarite:dev
#
# docs/containers.md tells the rest: compose, sidecar, dev container. The stages that compile come last, because the
# older builder makes every stage before the one that is asked for.

FROM scratch AS layout
# An image from scratch has no mkdir: the folders come with their owner. An empty volume takes both over.
COPY --chown=65532:65532 fixtures/containers/image/ /
ENV LINARITE_HOME=/state
USER 65532:65532
EXPOSE 4280 4443 10000 10001 10002
HEALTHCHECK --interval=5s --timeout=5s --retries=12 CMD ["/linarite", "status"]
ENTRYPOINT ["/linarite"]
# The host of the container is its gateway, and may use the control API; other containers may not.
CMD ["serve", "--host", "0.0.0.0", "--control-from", "gateway"]

FROM layout AS prebuilt
COPY bin/linarite /linarite

# What docker-compose.yml runs beside it: a program with a managed identity, and the conformance suite.
FROM scratch AS app-prebuilt
COPY bin/containers/ /
USER 65532:65532
ENTRYPOINT ["/app"]

FROM scratch AS conformance-prebuilt
COPY bin/linarite-conformance /linarite-conformance
USER 65532:65532
ENTRYPOINT ["/linarite-conformance"]

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/... && \
    CGO_ENABLED=0 go build -trimpath -o bin/containers/ ./clientlib/examples/... ./fixtures/containers/app

FROM scratch AS app
COPY --from=build /src/bin/containers/ /
USER 65532:65532
ENTRYPOINT ["/app"]

FROM scratch AS conformance
COPY --from=build /src/bin/linarite-conformance /linarite-conformance
USER 65532:65532
ENTRYPOINT ["/linarite-conformance"]

FROM layout AS linarite
COPY --from=build /src/bin/linarite /linarite
