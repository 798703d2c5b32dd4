package wire

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestSmoke(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header()["x-ms-Foo"] = []string{r.RequestURI}
		w.Write(b)
	}))
	defer s.Close()
	var c Client
	for range 3 {
		a, err := c.Send(t.Context(), &Request{Method: "PUT", URL: s.URL + "/a%2fb?x=%zz", Body: []byte("hello")})
		t.Logf("%+v %v", a, err)
	}
}
