"""Reach of every node with python3-igraph and python3-networkx, from an edge list; prints figures as JSON."""
import json, resource, sys, time

tool, path = sys.argv[1], sys.argv[2]
limit = float(sys.argv[3])
begun = time.process_time()
with open(path) as lines:
    edges = [tuple(map(int, line.split())) for line in lines]
n = 1 + max(max(edge) for edge in edges)
if tool == "igraph":
    import igraph

    graph = igraph.Graph(n=n, edges=edges, directed=True)
else:
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(edges)
loaded = time.process_time()
done = 0
total = 0
if tool == "igraph":
    sizes = graph.neighborhood_size(order=n, mode="in")
    total = sum(sizes) - n
    done = n
else:
    for node in range(n):
        total += len(networkx.ancestors(graph, node))
        done += 1
        if time.process_time() - loaded > limit:
            break
print(json.dumps({
    "loadSeconds": loaded - begun,
    "reachSeconds": time.process_time() - loaded,
    "nodes": n,
    "nodesDone": done,
    "reachSum": total,
    "peakMebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
