import type { Template } from '../../../offline/template/template.ts';

const issuer = { 'Fn::GetAtt': ['UserPool', 'ProviderURL'] };

/** A service of one function behind an HTTP API, as the Serverless Framework compiles it. */
export const fixtureTemplate: Template = {
  Resources: {
    UserPool: { Type: 'AWS::Cognito::UserPool' },
    UserPoolClient: { Type: 'AWS::Cognito::UserPoolClient' },
    ProbeLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'fixture-local-probe',
        Handler: 'functions/api.handler',
        Runtime: 'nodejs24.x',
        MemorySize: 256,
        Timeout: 20,
        Environment: { Variables: { STAGE: 'local' } },
      },
    },
    HttpApi: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Name: 'fixture',
        ProtocolType: 'HTTP',
        CorsConfiguration: {
          AllowOrigins: ['https://app.example'],
          AllowMethods: ['GET', 'POST'],
          AllowHeaders: ['authorization', 'content-type'],
          ExposeHeaders: ['etag'],
          MaxAge: 600,
        },
      },
    },
    HttpApiAuthorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: { Ref: 'HttpApi' },
        Name: 'signedIn',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: issuer, Audience: [{ Ref: 'UserPoolClient' }] },
      },
    },
    HttpApiIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'HttpApi' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['ProbeLambdaFunction', 'Arn'] },
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 1000,
      },
    },
    RouteOpen: route('POST /open'),
    RouteSigned: route('GET /signed', {
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: 'HttpApiAuthorizer' },
    }),
    RouteScoped: route('GET /scoped', {
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: 'HttpApiAuthorizer' },
      AuthorizationScopes: ['photos/write'],
    }),
  },
};

function route(key: string, authorization: object = { AuthorizationType: 'NONE' }) {
  return {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'HttpApi' },
      RouteKey: key,
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'HttpApiIntegration' }]] },
      ...authorization,
    },
  };
}
