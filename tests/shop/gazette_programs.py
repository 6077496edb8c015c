# ruff: noqa: E501
"""The news site's programs: Python's words, Rust's, OpenSearch's, NATS's and Postgres's; none knows that it is part of a test."""

from tests.shop.programs import HEAD

WWW = (
    HEAD
    + r"""const t=()=>"["+new Date().toISOString().slice(0,19).replace("T"," ")+" +0000] [7]",https=require("https");
console.log(t().replace("[7]","[1]")+" [INFO] Starting gunicorn 22.0.0\n"+t().replace("[7]","[1]")+" [INFO] Listening at: http://0.0.0.0:8000 (1)");
const say=(u,p,why)=>console.error(`${t()} [ERROR] Error handling request /\nTraceback (most recent call last):\n  File "/srv/www/views.py", line 52, in front_page\n    r = session.get(url, timeout=3)\n  File "/usr/lib/python3/dist-packages/requests/adapters.py", line 519, in send\n    raise ConnectionError(e, request=request)\n${why}`);
function get(base,path,done){let u;try{u=new URL(base)}catch(e){console.error(t()+" [ERROR] requests.exceptions.MissingSchema: Invalid URL '"+base+path+"': No scheme supplied");return done(500)}
const h=u.hostname,port=+(u.port||(u.protocol==="https:"?443:80)),pool=`HTTP${u.protocol==="https:"?"S":""}ConnectionPool(host='${h}', port=${port})`;let over=false;
const end=(c,why)=>{if(over)return;over=true;if(why)say(base,path,why);done(c)};
const q=(u.protocol==="https:"?https:http).get({host:h,port,path,timeout:3500,agent:false},r=>{r.resume();r.on("end",()=>{if(r.statusCode>=400)end(r.statusCode,`requests.exceptions.HTTPError: ${r.statusCode} Server Error: ${http.STATUS_CODES[r.statusCode]} for url: ${base}${path}`);else end(200)})});
q.on("timeout",()=>{end(504,`requests.exceptions.ReadTimeout: ${pool}: Read timed out. (read timeout=3)`);q.destroy()});
q.on("error",e=>end(502,e.code==="ECONNREFUSED"?`requests.exceptions.ConnectionError: ${pool}: Max retries exceeded with url: ${path} (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f3a1c>: Failed to establish a new connection: [Errno 111] Connection refused'))`:
e.code==="ENOTFOUND"||e.code==="EAI_AGAIN"?`requests.exceptions.ConnectionError: ${pool}: Max retries exceeded with url: ${path} (Caused by NameResolutionError("<urllib3.connection.HTTPConnection object at 0x7f3a1c>: Failed to resolve '${h}' ([Errno -2] Name or service not known)"))`:
/SSL|wrong version|packet length/i.test(e.message+e.code)?`requests.exceptions.SSLError: ${pool}: Max retries exceeded with url: ${path} (Caused by SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1007)')))`:`requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))`))}
const page=done=>get(E.ARTICLES_BASE,"/latest",a=>get(E.SEARCH_URL,"/_search?q=top",b=>done(a>=400?a:b)));
http.createServer((q,r)=>{if(q.url==="/ping")return r.end("pong");page(c=>{r.statusCode=c;r.end()})}).listen(8000);setInterval(()=>page(()=>{}),2500);"""
)
ARTICLES = (
    HEAD
    + r"""const d=new URL(E.DATABASE_URL),[ch,cp]=(E.PAGE_CACHE||"").split(":"),t=l=>new Date().toISOString()+" "+l.padStart(5)+" articles::";
console.log(t("INFO")+"server: listening on 0.0.0.0:8080");
function db(done){let over=false;const end=e=>{if(!over){over=true;s.destroy();done(e)}};const s=net.connect(+(d.port||5432),d.hostname,()=>s.write(decodeURIComponent(d.password)+"\n"));
s.setTimeout(2500,()=>end("pool timed out while waiting for an open connection"));
s.on("data",x=>{const m=x.toString().trim();end(/^OK/.test(m)?null:/^ERR/.test(m)?"error returned from database: "+m.slice(4):'error returned from database: password authentication failed for user "gazette"')});
s.on("end",()=>end("error communicating with database: expected to read 5 bytes, got 0 bytes at EOF"));
s.on("error",e=>end(e.code==="ECONNREFUSED"?"error communicating with database: Connection refused (os error 111)":e.code==="ENOTFOUND"||e.code==="EAI_AGAIN"?"error communicating with database: failed to lookup address information: Name or service not known":"error communicating with database: Connection reset by peer (os error 104)"))}
function cache(done){const s=net.connect(+cp,ch,()=>s.write("get latest\r\n"));s.setTimeout(1500,()=>s.destroy(new Error("timed out")));s.on("data",()=>{s.end();done()});s.on("error",e=>{console.log(t("WARN")+`cache: page cache ${E.PAGE_CACHE} unavailable, reading through: ${e.code||e.message}`);done()})}
http.createServer((q,r)=>{if(q.url==="/healthz")return r.end("ok");cache(()=>db(e=>{if(!e)return r.end("[]");console.log(t("ERROR")+`routes: GET /latest failed error=${e} host=${d.host}`);r.statusCode=500;r.end()}))}).listen(8080);"""
)
SEARCH = (
    HEAD
    + """const t=()=>"["+new Date().toISOString().slice(0,23)+"][INFO ]";console.log(t()+"[o.o.n.Node               ] [search-0] started");
http.createServer((q,r)=>r.end('{"hits":[]}')).listen(9200);"""
)
CACHE = HEAD + 'net.createServer(s=>{s.on("error",()=>{});s.on("data",()=>s.write("END\\r\\n"))}).listen(11211);'
QUEUE = (
    HEAD
    + """const t=()=>"[1] "+new Date().toISOString().slice(0,23).replace("T"," ").replace(/-/g,"/");console.log(t()+" [INF] Server is ready");
net.createServer(s=>{s.on("error",()=>{});s.write('INFO {"server_id":"NQ"}\\r\\n');s.on("data",()=>s.write("PONG\\r\\n"))}).listen(4222);"""
)
PRESS = (
    HEAD
    + r"""const [h,p]=(E.NATS_ADDR||"").split(":");let n=0;console.log("press: worker up, subjects=articles.published");
setInterval(()=>{const s=net.connect(+p,h);s.setTimeout(2500,()=>s.destroy(new Error("timeout")));s.on("data",()=>{n++;if(n%20===1)console.log("press: pushed "+n+" articles");s.destroy()});
s.on("error",e=>console.error(`nats: error: ${e.code==="ECONNREFUSED"?"no servers available for connection":e.code==="ENOTFOUND"||e.code==="EAI_AGAIN"?"lookup failed":"i/o timeout"} (${h}:${p}): ${e.code==="ECONNREFUSED"?"connect: connection refused":e.message}`))},2500);"""
)
ARCHIVE = (
    HEAD
    + """const t=()=>new Date().toISOString().replace("T"," ").slice(0,23)+" UTC ";console.log(t()+"[1] LOG:  database system is ready to accept connections");
net.createServer(s=>{s.on("error",()=>{});s.on("data",d=>{if(d.toString().trim()===E.POSTGRES_PASSWORD)s.write("OK\\n");else{
console.log(t()+'[91] FATAL:  password authentication failed for user "gazette"');s.end("NO\\n")}})}).listen(5432);"""
)
