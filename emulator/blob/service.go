package blob

import (
	"net/http"
	"strconv"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// getAccount answers for any path (BLOB-CONT-019).
func getAccount(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	account := of(c).account
	h := http.Header{"x-ms-sku-name": {account.SKU}, "x-ms-account-kind": {account.Kind}}
	if c.Version >= "2019-07-07" {
		h["x-ms-is-hns-enabled"] = []string{"false"}
	}
	return wire.Response{Header: h}, nil
}

// getService answers all properties in their order (BLOB-CONT-016).
func getService(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	a := of(c).account
	d := newDocument()
	d.inside("StorageServiceProperties", func() {
		d.logging(a.Logging)
		d.metrics("HourMetrics", a.HourMetrics)
		d.metrics("MinuteMetrics", a.MinuteMetrics)
		d.inside("Cors", func() { d.cors(a.CORS) })
		if c.Version >= "2017-07-29" {
			d.inside("DeleteRetentionPolicy", func() {
				d.days(a.DeleteRetentionDays)
				if c.Version >= "2021-06-08" {
					d.boolean("AllowPermanentDelete", a.AllowPermanentDelete)
				}
			})
		}
		if c.Version >= "2018-03-28" && hasTiers(a) && a.Kind == "StorageV2" {
			d.website(a.Website)
		}
		d.optional("DefaultServiceVersion", a.DefaultServiceVersion)
	})
	return d.response(), nil
}

func (d *document) logging(l state.ServiceLogging) {
	d.inside("Logging", func() {
		d.element("Version", orDefault(l.Version, "1.0"))
		d.boolean("Read", l.Read)
		d.boolean("Write", l.Write)
		d.boolean("Delete", l.Delete)
		d.retention("RetentionPolicy", l.RetentionDays)
	})
}

func (d *document) boolean(name string, value bool) { d.element(name, strconv.FormatBool(value)) }

// retention writes a policy; days only where it is enabled.
func (d *document) retention(name string, days int) { d.inside(name, func() { d.days(days) }) }

func (d *document) days(days int) {
	d.boolean("Enabled", days > 0)
	if days > 0 {
		d.element("Days", strconv.Itoa(days))
	}
}

func (d *document) metrics(name string, m state.ServiceMetrics) {
	d.inside(name, func() {
		d.element("Version", orDefault(m.Version, "1.0"))
		d.boolean("Enabled", m.Enabled)
		if m.Enabled {
			d.boolean("IncludeAPIs", m.IncludeAPIs)
		}
		d.retention("RetentionPolicy", m.RetentionDays)
	})
}

func (d *document) cors(rules []state.CORSRule) {
	for _, rule := range rules {
		d.inside("CorsRule", func() {
			d.element("AllowedMethods", rule.AllowedMethods)
			d.element("AllowedOrigins", rule.AllowedOrigins)
			d.element("AllowedHeaders", rule.AllowedHeaders)
			d.element("ExposedHeaders", rule.ExposedHeaders)
			d.element("MaxAgeInSeconds", strconv.Itoa(rule.MaxAgeInSeconds))
		})
	}
}

func (d *document) website(w state.StaticWebsite) {
	d.inside("StaticWebsite", func() {
		d.boolean("Enabled", w.Enabled)
		d.optional("IndexDocument", w.IndexDocument)
		d.optional("DefaultIndexDocumentPath", w.DefaultIndexDocumentPath)
		d.optional("ErrorDocument404Path", w.ErrorDocument404)
	})
}
