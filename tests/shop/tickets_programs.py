# ruff: noqa: E501
"""The ticket shop's programs: JSON lines, .NET's, Go's and PHP's words, a shell's own; none knows that it is part of a test."""

from tests.shop.programs import HEAD

ROUTES = '{"/events":"http://catalogue/events","/basket":"http://basket:8080/items","/pay":"http://payment:8080/pay"}'
GATEWAY = (
    HEAD
    + """const log=(level,o)=>console.log(JSON.stringify({level,time:Date.now(),pid:1,hostname:"gateway",...o}));
const R=JSON.parse(require("fs").readFileSync("/etc/gateway/routes.json","utf8"));log(30,{msg:"gateway up",routes:Object.keys(R)});
async function pass(k){const t=R[k];try{const r=await fetch(t,{signal:AbortSignal.timeout(4500)});await r.text();
log(r.ok?30:50,{msg:r.ok?"request completed":"upstream error",route:k,target:t,statusCode:r.status});return r.status}
catch(e){const c=e.cause||e;log(50,{msg:"proxy error",route:k,err:{type:e.name,message:e.message,code:c.code,cause:c.message}});return 502}}
http.createServer((q,r)=>{if(q.url==="/livez")return r.end("ok");const k=Object.keys(R).find(k=>q.url.startsWith(k));if(!k){r.statusCode=404;return r.end()}
pass(k).then(c=>{r.statusCode=c;r.end()})}).listen(8000);setInterval(()=>{for(const k in R)pass(k)},2500);"""
)
CATALOGUE = (
    HEAD
    + r"""const p=Object.fromEntries((E.ConnectionStrings__Events||"").split(";").filter(x=>x).map(x=>x.split("=")));
if(!p.Host){console.error("Unhandled exception. System.InvalidOperationException: The ConnectionString property has not been initialized.\n   at Npgsql.ThrowHelper.ThrowInvalidOperationException(String message)\n   at Program.<Main>$(String[] args) in /src/Program.cs:line 19");process.exit(134)}
const port=+(p.Port||5432);function ask(done){let over=false;const end=e=>{if(!over){over=true;s.destroy();done(e)}};const s=net.connect(port,p.Host);
s.setTimeout(2500,()=>end("Npgsql.NpgsqlException (0x80004005): The operation has timed out\n       ---> System.TimeoutException: The operation has timed out."));
s.on("connect",()=>s.write(p.Password+"\n"));s.on("data",d=>{const t=d.toString().trim();end(/^OK/.test(t)?null:/^ERR/.test(t)?"Npgsql.PostgresException (0x80004005): "+t.slice(4):'Npgsql.PostgresException (0x80004005): 28P01: password authentication failed for user "events"')});
s.on("end",()=>end("Npgsql.NpgsqlException (0x80004005): Exception while reading from stream\n       ---> System.IO.EndOfStreamException: Attempted to read past the end of the stream."));
s.on("error",e=>end(e.code==="ECONNREFUSED"?`Npgsql.NpgsqlException (0x80004005): Failed to connect to ${e.address}:${e.port}\n       ---> System.Net.Sockets.SocketException (111): Connection refused`:"System.Net.Sockets.SocketException (00000001, 11): Name or service not known"))}
http.createServer((q,r)=>{if(q.url==="/health")return r.end("Healthy");ask(e=>{if(!e)return r.end("[]");
console.log(`fail: Microsoft.EntityFrameworkCore.Database.Connection[20004]\n      An error occurred using the connection to database 'events' on server 'tcp://${p.Host}:${port}'.\nfail: Microsoft.AspNetCore.Server.Kestrel[13]\n      Connection id "0HN7", Request id "0HN7:0001": An unhandled exception was thrown by the application.\n      ${e}\n         at Npgsql.Internal.NpgsqlConnector.Connect(NpgsqlTimeout timeout)`);r.statusCode=500;r.end()})})
.listen(8080,()=>console.log("info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://[::]:8080"));"""
)
BASKET = (
    HEAD
    + r"""const [h,port]=process.argv.find(x=>x.startsWith("--redis-addr=")).slice(13).split(":"),t=()=>"time="+new Date().toISOString();
console.log(t()+" level=INFO msg=listening addr=:8080");
function ask(done){let over=false;const end=e=>{if(!over){over=true;s.destroy();done(e)}};const s=net.connect(+port,h,()=>s.write("PING\r\n"));
s.setTimeout(2500,()=>end(`dial tcp ${s.remoteAddress||h}:${port}: i/o timeout`));s.on("data",d=>end(/PONG/.test(d)?null:d.toString().trim().slice(1)));s.on("end",()=>end("EOF"));
s.on("error",e=>end(e.code==="ECONNREFUSED"?`dial tcp ${e.address}:${e.port}: connect: connection refused`:`dial tcp: lookup ${h} on 172.30.0.10:53: no such host`))}
http.createServer((q,r)=>{if(q.url==="/healthz")return r.end("ok");ask(e=>{if(!e)return r.end("[]");
console.error(t()+` level=ERROR msg="load basket" user=u-4711 err="${e}"`);r.statusCode=500;r.end()})}).listen(8080);"""
)
PAYMENT = (
    HEAD
    + r"""const U=E.BANK_ENDPOINT,t=()=>"["+new Date().toUTCString().slice(5,25).replace(/ (?=\w{3} )| (?=\d{4})/g,"-")+" UTC]";
const no=m=>console.error(t()+` PHP Fatal error:  Uncaught GuzzleHttp\\Exception\\${m} for ${U}/charge in /app/vendor/guzzlehttp/guzzle/src/Handler/CurlFactory.php:210`);
console.log(t()+" NOTICE: ready to handle connections");
http.createServer((q,r)=>{if(q.url==="/ping")return r.end("pong");const u=new URL(U),bad=m=>{no(m);r.statusCode=500;r.end()};
fetch(U+"/charge",{method:"POST",signal:AbortSignal.timeout(3000)}).then(a=>a.ok?r.end("paid"):bad(`ServerException: Server error: \`POST ${U}/charge\` resulted in a \`${a.status}\` response`),
e=>{const c=(e.cause||e).code;bad(c==="ECONNREFUSED"?`ConnectException: cURL error 7: Failed to connect to ${u.hostname} port ${u.port} after 1 ms: Couldn't connect to server (see https://curl.haxx.se/libcurl/c/libcurl-errors.html)`:
c==="ENOTFOUND"||c==="EAI_AGAIN"?`ConnectException: cURL error 6: Could not resolve host: ${u.hostname} (see https://curl.haxx.se/libcurl/c/libcurl-errors.html)`:"ConnectException: cURL error 28: Operation timed out after 3000 milliseconds with 0 bytes received (see https://curl.haxx.se/libcurl/c/libcurl-errors.html)")})}).listen(8080);"""
)
BANK = HEAD + 'console.log("bank stub on 9000");http.createServer((q,r)=>r.end("{}")).listen(9000);'
STORE = (
    HEAD
    + """const t=()=>new Date().toISOString().replace("T"," ").slice(0,23)+" UTC ";console.log(t()+"[1] LOG:  database system is ready to accept connections");
net.createServer(s=>{s.on("error",()=>{});s.on("data",d=>{if(d.toString().trim()===E.PGPASS)s.write("OK\\n");else{
console.log(t()+'[88] FATAL:  password authentication failed for user "events"');s.end("NO\\n")}})}).listen(5432);"""
)
CACHE = (
    HEAD
    + """console.log("1:M "+new Date().toUTCString().slice(5,25)+" * Ready to accept connections tcp");
net.createServer(s=>{s.on("error",()=>{});s.on("data",()=>s.write("+PONG\\r\\n"))}).listen(6379);"""
)
RELAY = (
    HEAD
    + 'console.log("relay: queue manager started");net.createServer(s=>{s.on("error",()=>{});s.end("220 relay\\r\\n")}).listen(2525);'
)
MAILER = """echo "mailer: outbox open, relay is $RELAY"; n=0
while :; do n=$((n+1)); if nc -w 2 ${RELAY%:*} ${RELAY#*:} </dev/null >/tmp/out 2>/tmp/err; then :
else echo "mailer: message $n stays in the outbox: $(cat /tmp/err)"; fi; sleep 3; done"""
REPORT = "wget -q -O- http://basket:8080/summary && echo 'report: sent'"
