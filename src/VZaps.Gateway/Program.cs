using VZaps.Gateway.Hosting;

return await CommandLine.RunAsync(args);
