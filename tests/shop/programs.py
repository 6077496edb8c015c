# ruff: noqa: E501
"""The shop's programs (Node, one line of meaning each): they call each other by the settings that they are given.

Each logs as programs of its kind do; none knows that it is part of a test.
"""

HEAD = 'const E=process.env,http=require("http"),net=require("net");'

DB = (
    HEAD
    + """console.log("LOG:  database system is ready to accept connections");
net.createServer(s=>{s.on("error",()=>{});s.on("data",d=>{if(d.toString().trim()!==E.POSTGRES_PASSWORD){
console.log('FATAL:  password authentication failed for user "shop"');s.end("NO\\n")}else s.write("OK\\n")})}).listen(5432);"""
)
CACHE = HEAD + 'console.log("* Ready to accept connections");net.createServer(s=>s.on("error",()=>{})).listen(6379);'

ORDERS = (
    HEAD
    + """const host=E.DB_HOST,port=+(E.DB_PORT||5432);
function ask(done){let over=false;const end=e=>{if(!over){over=true;s.destroy();done(e)}};const s=net.connect(port,host);
s.setTimeout(2500,()=>end(new Error("connect ETIMEDOUT "+host+":"+port)));s.on("connect",()=>s.write(E.DB_PASSWORD+"\\n"));
s.on("data",d=>end(/OK/.test(d)?null:new Error('password authentication failed for user "shop"')));s.on("error",end);
s.on("end",()=>end(new Error("Connection terminated unexpectedly")));}
http.createServer((q,r)=>{if(q.url==="/healthz")return r.end("ok");ask(e=>{if(!e)return r.end("[]");
console.error("ERROR query failed:",e.message);r.statusCode=500;r.end('{"error":"internal"}')})})
.listen(8080,()=>console.log("orders listening on 8080"));"""
)
FRONT = (
    HEAD
    + """const U=E.ORDERS_URL;async function load(){const r=await fetch(U+"/orders",{signal:AbortSignal.timeout(4000)});
if(!r.ok)throw new Error("GET "+U+"/orders answered "+r.status)}
http.createServer((q,r)=>{if(q.url==="/healthz")return r.end("ok");load().then(()=>r.end("shop"),e=>{r.statusCode=502;r.end("bad")})})
.listen(3000,()=>console.log("front on 3000"));
setInterval(()=>load().catch(e=>console.error("ERROR cannot show orders:",e.cause?e.cause.message:e.message)),2000);"""
)
FRONT_TERSE = FRONT.replace(
    'console.error("ERROR cannot show orders:",e.cause?e.cause.message:e.message)',
    'console.log(JSON.stringify({level:"error",msg:"upstream error",status:502,path:"/"}))',
)
FRONT_SILENT = FRONT.replace('console.error("ERROR cannot show orders:",e.cause?e.cause.message:e.message)', "0")
MAIL = (
    HEAD
    + """const u=new URL(E.CACHE_URL);console.log("mail worker started");
setInterval(()=>{const s=net.connect(+u.port,u.hostname,()=>s.end());
s.on("error",e=>console.error("ERROR cannot take from queue:",e.message))},2000);"""
)
REPORT = 'fetch(process.env.ORDERS_URL+"/orders").then(r=>{console.log("report done");process.exit(r.ok?0:1)},e=>{console.error("report failed:",e.cause.message);process.exit(1)})'


def says_and_ends(text: str, code: int = 1) -> str:
    """A program that prints its last words and ends."""
    return f"console.error({text!r});process.exit({code})"


def says_on(text: str, start: str = "") -> str:
    """A program that goes on and says this every two seconds."""
    return f"{start}console.log('started');setInterval(()=>console.error({text!r}),2000)"
